"""What comes in and goes out about the catalog."""
