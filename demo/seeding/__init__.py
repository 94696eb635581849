"""The demo shop's data on its way into the database, one module for each kind of thing."""
