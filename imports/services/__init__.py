"""Products from files, as jobs that a killed worker does not lose."""

from imports.services.applying import import_products, preview
from imports.services.jobs import (
    confirm_import,
    fail_import,
    file_of,
    forget_uploads,
    peek,
    run_import,
    start_import,
)
from imports.services.mappings import delete_mapping, mapping_named, save_mapping

__all__ = [
    "confirm_import",
    "delete_mapping",
    "fail_import",
    "file_of",
    "forget_uploads",
    "import_products",
    "mapping_named",
    "peek",
    "preview",
    "run_import",
    "save_mapping",
    "start_import",
]
