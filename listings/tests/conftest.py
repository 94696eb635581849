"""Who writes to the catalog in tests."""

from catalog.tests.conftest import manager

__all__ = ["manager"]
