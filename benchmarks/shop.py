"""Fills the benchmark's shop once, and gives every run a fresh copy of it."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.db import connections
from psycopg import sql

from benchmarks import commands, customers
from benchmarks.environment import ROOT, Server
from benchmarks.generated import generate_products
from catalog.models import Product, ProductVariant
from inventory import services as inventory_services

# Real books, where the file lies beside the project; smaller shops are generated.
BOOKS, BOOK_COUNT = ROOT.parent / "shared" / "data" / "books.csv.gz", 10_000
COLUMNS = {
    "sku": "book_id",
    "name": "title",
    "barcode": "isbn",
    "attr.isbn": "isbn",
    "attr.authors:list": "authors",
    "attr.year:number": "original_publication_year",
    "attr.average_rating:number": "average_rating",
    "attr.language": "language_code",
    "attr.image_url": "image_url",
}
STOCK = 100_000
CUSTOMERS = 400
STOCK_BATCH = 5000


def prepare(server: Server, *, size: int) -> None:
    """Leave the shop's database as if it had just been filled with ``size`` products.

    The filled shop is kept as a template: copying it takes a moment, filling it a minute.
    It is filled anew when the code that fills it has changed.
    """
    template = f"filled_{_digest(size)}"
    with server.maintenance() as maintenance:
        found = maintenance.execute("SELECT datname FROM pg_database WHERE datname ~ '^filled_'")
        templates = [str(name) for (name,) in found]
        if template not in templates:
            for old in [server.database, *templates]:
                maintenance.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", old))
            maintenance.execute(_sql("CREATE DATABASE {}", server.database))
            _fill(size)
            connections.close_all()
            maintenance.execute(_sql("ALTER DATABASE {} RENAME TO {}", server.database, template))
        maintenance.execute(_sql("DROP DATABASE IF EXISTS {} WITH (FORCE)", server.database))
        maintenance.execute(_sql("CREATE DATABASE {} TEMPLATE {}", server.database, template))
        maintenance.execute("CHECKPOINT")


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return commands.run(sys.executable, "manage.py", *arguments)


def _sql(text: str, *names: str) -> sql.Composed:
    return sql.SQL(text).format(*map(sql.Identifier, names))


def _digest(size: int) -> str:
    """Name what the filled shop depends on: its size, our code and the apps' own."""
    digest = hashlib.sha256(f"{size} {BOOKS.exists()}".encode())
    for path in _code_that_fills():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _code_that_fills() -> Iterator[Path]:
    yield from sorted((ROOT / "benchmarks").glob("*.py"))
    for folder in ("catalog", "inventory"):
        yield from (
            path for path in sorted((ROOT / folder).rglob("*.py")) if "tests" not in path.parts
        )
    yield from sorted(ROOT.glob("*/migrations/*.py"))


def _fill(size: int) -> None:
    _must("migrate", "--no-input", "--verbosity=0")
    customers.deliver_everywhere()
    customers.register(CUSTOMERS)
    _fill_catalog(size)
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _must(*arguments: str) -> None:
    done = manage(*arguments)
    if done.returncode:
        raise SystemExit(f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}")


def _import_books() -> None:
    columns = [f"--map={field}={column}" for field, column in COLUMNS.items()]
    rules = ("--price-rule=7.99..29.99", f"--stock={STOCK}")
    _must("import_products", str(BOOKS), *columns, *rules)


def _fill_catalog(size: int) -> None:
    if BOOKS.exists() and size >= BOOK_COUNT:
        _import_books()
    missing = size - Product.objects.count()
    if missing > 0:
        generate_products(missing)
    variants = list(ProductVariant.objects.order_by("id").values_list("pk", flat=True))
    for start in range(0, len(variants), STOCK_BATCH):
        batch = variants[start : start + STOCK_BATCH]
        inventory_services.set_quantities(quantities=dict.fromkeys(batch, STOCK), actor=None)
