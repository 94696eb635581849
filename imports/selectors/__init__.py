"""Reads over imports, and the export of products."""
