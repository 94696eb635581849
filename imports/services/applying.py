"""Importing products from a table, by SKU: twice changes nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Literal
from uuid import UUID

import orjson
from django.db import transaction

from accounts.models import User
from catalog.services import listing
from catalog.services.categories import default_category, hold_categories
from catalog.services.errors import SkuTaken, refusing_duplicates
from catalog.services.slugs import slug_of
from core import jobs
from core.models import new_id
from imports.services import staging
from imports.services.attributes import check_staged
from imports.services.columns import Columns, InvalidMapping, columns_of
from imports.services.files import open_table
from imports.services.numbers import Style, style_of
from imports.services.price_rules import InvalidPriceRule, price_rule
from imports.services.references import Categories, brands
from imports.services.refusals import RowError
from imports.services.rows import Defaults, Row, read_row
from imports.services.staging import BATCH
from imports.services.tables import Line, Table, UnreadableFile
from inventory import selectors as inventory_selectors
from inventory import services as inventory_services

ERRORS_KEPT = 1000
_STEP = "\x1f"  # parts the names of a path in the temporary table

Mode = Literal["partial", "atomic"]
# Is told how many rows and how many bytes of the file have been read.
Progress = Callable[[int, int], object]
Refusals = Callable[[Sequence[RowError]], object]


@dataclass(frozen=True)
class ImportOptions:
    """How to import.

    ``mapping``: our field → the file's column, see ``columns``. ``price_rule`` (see ``prices``)
    and ``stock`` stand in for blank or missing cells of *new* products; what exists keeps its
    own. ``style``: the decimal sign, which the file shows itself when it is not known.
    ``mode``: good rows land, or with ``atomic`` only a file without a bad one.
    """

    currency: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    price_rule: str = ""
    stock: int | None = None
    style: Style = Style.UNKNOWN
    mode: Mode = "partial"
    is_dry_run: bool = False


@dataclass
class ImportReport:
    """What an import did, or in a dry run would have done; the first refusals by line."""

    rows_read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    ignored_columns: list[str] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """The beginning of a file: its columns, what they are read as, and its first records."""

    headers: list[str]
    columns: Columns
    lines: list[Line]


@dataclass
class _Import:
    options: ImportOptions
    on_progress: Progress
    on_refused: Refusals
    report: ImportReport = field(default_factory=ImportReport)
    must_tell_stock: bool = False

    def refuse(self, errors: Sequence[RowError]) -> None:
        """Count refusals, keep the first of them, and hand them on."""
        if errors:
            self.report.refused += len(errors)
            self.report.errors += errors[: ERRORS_KEPT - len(self.report.errors)]
            self.on_refused(errors)


PREVIEW_ERRORS: Final = (UnreadableFile, InvalidMapping, InvalidPriceRule)
IMPORT_PRODUCTS_ERRORS: Final = (*PREVIEW_ERRORS, SkuTaken)


def preview(*, path: Path, options: ImportOptions, rows: int) -> Preview:
    """Return the first records of a file, reading no more of it than that.

    Refuses what the import itself would, as far as the beginning of the file shows it.
    """
    _defaults(options)
    with open_table(path, sample_only=True) as table:
        columns = columns_of(
            table.columns, options.mapping, has_price_rule=bool(options.price_rule)
        )
        return Preview(table.columns, columns, list(itertools.islice(table, rows)))


def import_products(
    *,
    path: Path,
    options: ImportOptions,
    actor: User | None,
    on_progress: Progress = lambda _rows, _bytes: None,
    on_refused: Refusals = lambda _errors: None,
) -> ImportReport:
    """Create or update a product for each row of a file, found by SKU: one transaction.

    Stock is written before the variants and products of existing rows are locked in the order of
    their keys; ``actor`` stands in its ledger. ``on_refused`` is given every refused row, batch
    by batch, also when nothing is written. SkuTaken: someone else made the same SKU meanwhile.
    Any error leaves everything as it was.
    """
    under_way = _Import(options, on_progress, on_refused)
    report = under_way.report
    with open_table(path) as table, transaction.atomic(), refusing_duplicates():
        staging.open_stage()
        _stage(table, under_way)
        _refuse(under_way)
        if not (options.mode == "atomic" and report.refused):
            _write(report, actor, is_dry_run=options.is_dry_run)
    report.errors.sort(key=lambda error: error.line)
    return report


def _defaults(options: ImportOptions) -> Defaults:
    rule = price_rule(options.price_rule, options.currency) if options.price_rule else None
    return Defaults(options.currency, rule, options.stock, options.style)


def _stage(table: Table, under_way: _Import) -> None:
    defaults, report = _defaults(under_way.options), under_way.report
    has_rule = defaults.price_rule is not None
    columns = columns_of(table.columns, under_way.options.mapping, has_price_rule=has_rule)
    report.ignored_columns = columns.ignored
    under_way.must_tell_stock = any(column.field == "stock_quantity" for column in columns.used)
    lines = iter(table)
    sample = list(itertools.islice(lines, BATCH))
    if defaults.style is Style.UNKNOWN:
        # The decimal sign that the prices of the first records show.
        places = [
            column.place for column in columns.used if column.field in {"price", "compare_at_price"}
        ]
        prices = (
            line.cells[place] for line in sample for place in places if place < len(line.cells)
        )
        defaults = replace(defaults, style=style_of(prices))
    read = (read_row(line, columns.used, defaults) for line in itertools.chain(sample, lines))
    while batch := list(itertools.islice(read, BATCH)):
        report.rows_read += len(batch)
        under_way.refuse([row for row in batch if isinstance(row, RowError)])
        staging.stage(_staged_row(row, defaults) for row in batch if isinstance(row, Row))
        under_way.on_progress(report.rows_read, table.position())


def _staged_row(row: Row, defaults: Defaults) -> tuple[Any, ...]:
    values = row.values
    path = values.get("category")
    return (
        row.line,
        new_id(),
        new_id(),
        values["sku"],
        values["name"],
        slug_of(values["name"]) or "product",
        values.get("description"),
        values.get("price"),
        values.get("default_price", Decimal(0)),
        values.get("compare_at_price"),
        values.get("currency"),
        defaults.currency,
        values.get("stock_quantity"),
        defaults.stock,
        _STEP.join(path) if path else None,
        values.get("brand"),
        values.get("barcode"),
        values.get("weight_grams"),
        values.get("is_active"),
        orjson.dumps(row.attributes).decode(),
        values.get("image_urls"),
    )


def _refuse(under_way: _Import) -> None:
    """Refuse rows for what only the whole file and the database know."""
    under_way.refuse(
        [
            RowError(line, "sku", sku, "repeated_sku", f"Line {first} has the same SKU.")
            for line, sku, first in staging.refuse_repeated()
        ]
    )
    under_way.refuse(
        [
            RowError(
                line,
                "price",
                str(price),
                "other_currency",
                f"The product is priced in {currency}: name the currency.",
            )
            for line, price, currency in staging.find_existing()
        ]
    )
    for refused in check_staged(_STEP):
        under_way.refuse(refused)
    if under_way.must_tell_stock:
        detail = "A new product needs its stock, or the import a stock for those that say none."
        lines = staging.refuse_without_stock()
        under_way.refuse(
            [RowError(line, "stock_quantity", "", "required", detail) for line in lines]
        )


def _write(report: ImportReport, actor: User | None, *, is_dry_run: bool) -> None:
    """Write what is staged; in a dry run, only to see what that would do."""
    with transaction.atomic():
        _name_references()
        _write_changed_stock(actor)
        staging.write_existing()
        for products in staging.changed_products():
            listing.refresh_prices(product_ids=[product for (product,) in products])
        existing, report.updated = staging.count_existing()
        report.unchanged = existing - report.updated
        report.created = staging.write_new()
        for rows in staging.stock_of_new():  # of which nobody else can lock any yet
            inventory_services.set_quantities(
                quantities={variant: stock for _, variant, stock in rows}, actor=actor
            )
        if staging.ask_for_images():
            jobs.configure_task("catalog.tasks.fetch_images").defer()
        if is_dry_run:
            transaction.set_rollback(True)


def _name_references() -> None:
    categories = Categories()
    paths = {path: categories.at(tuple(path.split(_STEP))) for path in staging.category_paths()}
    used = {key for keys in paths.values() for key in keys}

    def default() -> UUID:
        used.add(key := default_category().pk)
        return key

    staging.name_categories(paths, default=default)
    hold_categories(used)
    staging.name_brands(brands(staging.brand_names()))


def _write_changed_stock(actor: User | None) -> None:
    """Write the stock of existing variants where it differs: at once, for the order of locks."""
    changed: dict[UUID, int] = {}
    for rows in staging.stock_of_existing():
        available = inventory_selectors.in_stock([variant for _, variant, _ in rows])
        differing = [row for row in rows if available[row[1]] != row[2]]
        changed.update({variant: stock for _, variant, stock in differing})
        staging.mark_changed([line for line, _, _ in differing])
    if changed:
        inventory_services.set_quantities(quantities=changed, actor=actor)
