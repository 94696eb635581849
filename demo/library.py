"""The demo shop's books: ``books.csv`` read into values, and the facts of trade derived from it.

New books go to the end of the file: a book's place gives its SKUs, and so its identity.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cached_property, lru_cache
from pathlib import Path

from demo.chance import Chance

BOOKS = Path(__file__).with_name("books.csv")
CURRENCY = "USD"


class Format(Enum):
    """The editions a book is sold in: name, suffix of the SKU, digit of the barcode."""

    PAPERBACK = ("Paperback", "PB", 1)
    HARDCOVER = ("Hardcover", "HC", 2)
    E_BOOK = ("E-book", "EB", 3)

    def __init__(self, label: str, suffix: str, digit: int) -> None:
        self.label = label
        self.suffix = suffix
        self.digit = digit


@dataclass(frozen=True)
class DemoEdition:
    """One edition as it is sold; prices in US dollars, weight in grams. E-books have no stock."""

    format: Format
    sku: str
    barcode: str
    price: Decimal
    compare_at_price: Decimal | None
    cost_price: Decimal
    weight_grams: int
    warehouse_stock: int
    shop_stock: int
    reorder_point: int

    @property
    def is_digital(self) -> bool:
        return self.format is Format.E_BOOK


@dataclass(frozen=True)
class DemoBook:
    """A real book in the public domain; ``year`` is negative before the common era."""

    number: int
    title: str
    original_title: str
    authors: tuple[str, ...]
    year: int
    language: str
    category: tuple[str, ...]
    publisher: str
    pages: int
    description: str

    @property
    def byline(self) -> str:
        return " & ".join(self.authors)

    @property
    def attributes(self) -> dict[str, str | int | list[str]]:
        """What is shown beside the description and can be filtered by."""
        return {
            "authors": list(self.authors),
            "original_title": self.original_title,
            "year": self.year,
            "language": self.language,
            "pages": self.pages,
        }

    @property
    def is_featured(self) -> bool:
        return Chance("featured", self.title, self.byline).percent(5)

    @property
    def is_out_of_print(self) -> bool:
        """Whether there is no copy left, and no e-book either."""
        return Chance("out of print", self.title, self.byline).percent(3)

    @cached_property
    def editions(self) -> tuple[DemoEdition, ...]:
        """Paperback, hardcover and, of most books, an e-book, which is always the cheapest."""
        has_e_book = Chance("e-book", self.title, self.byline).percent(90)
        return tuple(
            _edition(self, form)
            for form in Format
            if form is not Format.E_BOOK or (has_e_book and not self.is_out_of_print)
        )


@lru_cache(maxsize=1)
def demo_books() -> tuple[DemoBook, ...]:
    with BOOKS.open(encoding="utf-8", newline="") as lines:
        return tuple(
            _book(number, row) for number, row in enumerate(csv.DictReader(lines), start=1)
        )


def _book(number: int, row: dict[str, str]) -> DemoBook:
    return DemoBook(
        number=number,
        title=row["title"],
        original_title=row["original_title"],
        authors=tuple(row["author"].split("; ")),
        year=int(row["year"]),
        language=row["language"],
        category=tuple(row["category"].split(" > ")),
        publisher=row["publisher"],
        pages=int(row["pages"]),
        description=row["description"],
    )


def _edition(book: DemoBook, form: Format) -> DemoEdition:
    sku = f"TP-{book.number:04d}-{form.suffix}"
    chance = Chance("edition", sku)
    price = _price(book, form)
    reduced = chance.percent(15)
    warehouse, shop = (0, 0) if book.is_out_of_print else _stock(form, chance)
    return DemoEdition(
        format=form,
        sku=sku,
        barcode=in_store_barcode(form.digit, book.number),
        price=price,
        compare_at_price=_retail_price(price * Decimal("1.25")) if reduced else None,
        cost_price=(price * Decimal("0.55")).quantize(Decimal("0.01")),
        weight_grams=_weight(book, form),
        warehouse_stock=warehouse,
        shop_stock=shop,
        reorder_point=0 if form is Format.E_BOOK else chance.pick((3, 5, 8)),
    )


def _price(book: DemoBook, form: Format) -> Decimal:
    """Price by thickness; an e-book costs less than paper, and paper less than cloth."""
    cents = 599 + book.pages + Chance("price", book.title, book.byline).whole(0, 300)
    factor = {
        Format.PAPERBACK: Decimal(1),
        Format.HARDCOVER: Decimal("1.9"),
        Format.E_BOOK: Decimal("0.5"),
    }
    return _retail_price(Decimal(cents) / 100 * factor[form])


def _retail_price(amount: Decimal) -> Decimal:
    """Raise to the next price that ends in .49 or .99."""
    halves = amount * 2 // 1 + 1
    return halves / 2 - Decimal("0.01")


def _stock(form: Format, chance: Chance) -> tuple[int, int]:
    """Units in the warehouse and in the shop; some books are sold out, some nearly."""
    if form is Format.E_BOOK or chance.percent(5):
        return 0, 0
    if chance.percent(10):
        return chance.whole(1, 3), chance.whole(0, 1)
    return chance.whole(12, 90), chance.whole(0, 12)


def _weight(book: DemoBook, form: Format) -> int:
    if form is Format.E_BOOK:
        return 0
    cover, page = (40, Decimal("0.9")) if form is Format.PAPERBACK else (260, Decimal("1.1"))
    return int(cover + page * book.pages)


def in_store_barcode(kind: int, number: int) -> str:
    """Return an EAN-13 of the prefixes 20 to 29, which no publisher can own (GS1, in-store use)."""
    digits = f"2{kind}{number:010d}"
    return digits + str(ean_check_digit(digits))


def ean_check_digit(digits: str) -> int:
    """Check digit of the first twelve digits of an EAN-13: weights 1 and 3, complement to ten."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return -total % 10
