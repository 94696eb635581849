r"""Load products and their stock from a CSV file.

The ten thousand books of goodbooks-10k, whose columns have names of their own::

    manage.py import_products books.csv.gz \
        --map sku=book_id --map name=title --map barcode=isbn --map attr.isbn=isbn \
        --map attr.authors:list=authors --map attr.year:number=original_publication_year \
        --map attr.average_rating:number=average_rating --map attr.language=language_code \
        --map attr.image_url=image_url --price-rule 7.99..29.99 --stock 10
"""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from core.errors import DomainError
from imports.services.applying import ImportOptions, ImportReport, import_products

ERRORS_SHOWN = 50


class Command(BaseCommand):
    """Load products and their stock from a CSV file, packed by gzip or not, or from XLSX."""

    help = __doc__ or ""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> Any:
        kwargs["formatter_class"] = RawDescriptionHelpFormatter
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help="our field = the file's column; attributes: attr.<name>[:text|number|list|truth]",
        )
        parser.add_argument(
            "--price-rule",
            default="",
            help="for new products without a price: 9.99, or 7.99..29.99 chosen by the SKU",
        )
        parser.add_argument(
            "--stock", type=int, help="units of new products whose row does not say"
        )
        parser.add_argument("--currency", default=settings.CURRENCY)
        parser.add_argument("--mode", choices=["partial", "atomic"], default="partial")
        parser.add_argument("--dry-run", action="store_true", help="report, and write nothing")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        if (options["stock"] or 0) < 0:
            raise CommandError("Stock is 0 or more.")
        try:
            report = _import(path, _options(options))
        except DomainError as error:
            raise CommandError(error.detail) from error
        _show(report, is_dry_run=options["dry_run"])
        if options["mode"] == "atomic" and report.refused:
            raise CommandError("Nothing was written, since rows were refused.")


def _options(options: Mapping[str, Any]) -> ImportOptions:
    mapping = {}
    for pair in options["map"]:
        target, separator, column = pair.partition("=")
        if not separator:
            raise CommandError(f"--map wants FIELD=COLUMN, not {pair!r}.")
        mapping[target.strip()] = column.strip()
    return ImportOptions(
        currency=options["currency"],
        mapping=mapping,
        price_rule=options["price_rule"],
        stock=options["stock"],
        mode=options["mode"],
        is_dry_run=options["dry_run"],
    )


def _import(path: Path, options: ImportOptions) -> ImportReport:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("Importing", total=path.stat().st_size)
        report = import_products(
            path=path,
            options=options,
            actor=None,
            on_progress=lambda _rows, read: progress.update(task, completed=read),
        )
        progress.update(task, completed=path.stat().st_size)
    return report


def _show(report: ImportReport, *, is_dry_run: bool) -> None:
    console = Console()
    if report.errors:
        more = report.refused - ERRORS_SHOWN
        refused = Table(title="Refused rows", caption=f"and {more:,} more" if more > 0 else None)
        for name in ("line", "column", "value", "reason"):
            refused.add_column(name, overflow="fold")
        for error in report.errors[:ERRORS_SHOWN]:
            value = error.value if error.value.isprintable() else repr(error.value)
            reason = f"{error.detail} ({error.code})"
            refused.add_row(str(error.line), error.column, value[:60], reason)
        console.print(refused)
    if report.ignored_columns:
        console.print(f"Columns not read: {', '.join(report.ignored_columns)}", markup=False)
    table = Table(title="Would be imported (dry run)" if is_dry_run else "Imported")
    for name in ("read", "created", "updated", "unchanged", "refused"):
        table.add_column(name, justify="right")
    counts = (report.rows_read, report.created, report.updated, report.unchanged, report.refused)
    table.add_row(*(f"{count:,}" for count in counts))
    console.print(table)
