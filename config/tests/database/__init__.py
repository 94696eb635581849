"""The engine of the test suite: the shop's own, with a quicker way to empty all tables."""
