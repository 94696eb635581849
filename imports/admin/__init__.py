from imports.admin.jobs import ImportJobAdmin

__all__ = ["ImportJobAdmin"]
