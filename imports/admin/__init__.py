"""Imports in the backoffice."""

from imports.admin.jobs import ImportJobAdmin

__all__ = ["ImportJobAdmin"]
