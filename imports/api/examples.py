from typing import Any, Final

_LINKS: Final = {"next": None, "previous": None}

REFUSAL: Final = {
    "line": 17,
    "column": "price",
    "value": "ask us",
    "code": "invalid_price",
    "detail": "An amount is digits with a decimal point: 1234.50.",
}
SUMMARY: Final[dict[str, Any]] = {
    "id": "0198f3a2-e1f5-7a42-9b63-8c0d2e4f6a80",
    "status": "succeeded",
    "file_name": "autumn.csv",
    "mode": "partial",
    "dry_run": False,
    "mapping": {"name": "Titel", "price": "Preis"},
    "created_by": "catalog@example.com",
    "rows_total": 120,
    "rows_read": 120,
    "created": 80,
    "updated": 30,
    "unchanged": 9,
    "refused": 1,
    "ignored_columns": ["remarks"],
    "error": None,
    "created_at": "2026-02-11T14:05:00Z",
    "started_at": "2026-02-11T14:05:01Z",
    "finished_at": "2026-02-11T14:05:02Z",
}
JOB: Final = {**SUMMARY, "errors": [REFUSAL]}
QUEUED: Final = {
    **SUMMARY,
    **dict.fromkeys(("rows_read", "created", "updated", "unchanged", "refused"), 0),
    "status": "queued",
    "rows_total": None,
    "ignored_columns": [],
    "started_at": None,
    "finished_at": None,
    "errors": [],
}
JOB_PAGE: Final = {**_LINKS, "count": 1, "results": [SUMMARY]}
MAPPING: Final = {
    "id": "0198f3a2-f206-7b53-8c74-9d1e3f5a7b91",
    "name": "Autumn supplier",
    "columns": {"name": "Titel", "price": "Preis", "attr.color": "Farbe"},
    "updated_at": "2026-02-11T14:05:00Z",
}
MAPPING_PAGE: Final = {**_LINKS, "count": 1, "results": [MAPPING]}
NEW_MAPPING: Final = {"name": MAPPING["name"], "columns": MAPPING["columns"]}
