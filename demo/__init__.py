"""The demo shop: its books, covers, people and shipping, and how they are put into a database."""
