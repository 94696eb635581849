"""Ten thousand real books, for tests of the search."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from catalog.models import Category

BOOKS = Path(__file__).resolve().parents[3] / "shared" / "data" / "books.csv.gz"

_PRODUCTS = """
    INSERT INTO catalog_product (
        id, created_at, updated_at, name, slug, description, category_id, tax_class, attributes,
        is_active, is_featured, price, currency, in_stock, stock_quantity, rating_average,
        review_count, units_sold, search_name)
    SELECT uuid_v7(), now(), now(), book.name, 'book-' || place, '', %s, 'standard',
           book.attributes, true, false, 9.90, 'USD', true, 1, 0, 0, 0, ''
    FROM unnest(%s::text[], %s::jsonb[]) WITH ORDINALITY AS book (name, attributes, place)
"""


@dataclass(frozen=True)
class Book:
    """A book as its catalog knows it."""

    title: str
    authors: tuple[str, ...]
    year: str


def read_books() -> list[Book]:
    with gzip.open(BOOKS, "rt", encoding="utf-8", newline="") as file:
        return [
            Book(
                row["title"][:255],
                tuple(row["authors"].split(", ")),
                row["original_publication_year"],
            )
            for row in csv.DictReader(file)
        ]


def list_books(books: list[Book]) -> None:
    """Make an active product of each book, in one statement."""
    category = Category.objects.create(name="Books", slug="books")
    facts = [json.dumps({"authors": book.authors, "year": book.year}) for book in books]
    with connection.cursor() as cursor:
        cursor.execute(_PRODUCTS, [category.pk, [book.title for book in books], facts])
        cursor.execute("SELECT gin_clean_pending_list('product_search')")
        cursor.execute("ANALYZE catalog_product")
