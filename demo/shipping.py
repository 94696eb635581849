"""Where the demo shop delivers to, for how much, and the taxes there. Money in US dollars."""

from dataclasses import dataclass
from decimal import Decimal

FLAT, BY_WEIGHT = "flat", "by_weight"


@dataclass(frozen=True)
class DemoMethod:
    """A way of delivery; ``tiers`` are (from how many grams, price) in ascending order."""

    name: str
    days: tuple[int, int]
    price: Decimal = Decimal(0)
    tiers: tuple[tuple[int, Decimal], ...] = ()
    free_above: Decimal | None = None

    @property
    def kind(self) -> str:
        return BY_WEIGHT if self.tiers else FLAT


@dataclass(frozen=True)
class DemoZone:
    """Countries that are delivered to in the same ways."""

    name: str
    countries: tuple[str, ...]
    methods: tuple[DemoMethod, ...]


@dataclass(frozen=True)
class DemoTax:
    """A country's standard rate and its rate on books, as fractions."""

    country: str
    name: str
    standard: Decimal
    books: Decimal
    is_inclusive: bool = True


def _tiers(*steps: tuple[int, str]) -> tuple[tuple[int, Decimal], ...]:
    return tuple((grams, Decimal(price)) for grams, price in steps)


ZONES = (
    DemoZone(
        "United States",
        ("US",),
        (
            DemoMethod("Standard", (3, 6), Decimal("4.90"), free_above=Decimal(50)),
            DemoMethod(
                "Media mail",
                (5, 12),
                tiers=_tiers((0, "3.50"), (1000, "4.75"), (3000, "7.50")),
            ),
            DemoMethod("Express", (1, 2), Decimal("14.90")),
        ),
    ),
    DemoZone(
        "Canada and Mexico",
        ("CA", "MX"),
        (
            DemoMethod("Standard", (5, 10), Decimal("8.90"), free_above=Decimal(90)),
            DemoMethod("Express", (2, 4), Decimal("24.90")),
        ),
    ),
    DemoZone(
        "United Kingdom",
        ("GB",),
        (
            DemoMethod("Standard", (2, 4), Decimal("4.50"), free_above=Decimal(45)),
            DemoMethod("Express", (1, 1), Decimal("9.90")),
        ),
    ),
    DemoZone(
        "Central Europe",
        ("DE", "FR", "AT", "BE", "NL", "LU"),
        (
            DemoMethod("Standard", (2, 5), Decimal("5.90"), free_above=Decimal(60)),
            DemoMethod(
                "Parcel",
                (2, 4),
                tiers=_tiers((0, "6.50"), (2000, "9.50"), (5000, "14.50")),
            ),
            DemoMethod("Express", (1, 2), Decimal("16.90")),
        ),
    ),
    DemoZone(
        "European Union",
        (
            *("BG", "CY", "CZ", "DK", "EE", "ES", "FI", "GR", "HR", "HU", "IE"),
            *("IT", "LT", "LV", "MT", "PL", "PT", "RO", "SE", "SI", "SK"),
        ),
        (
            DemoMethod("Standard", (3, 8), Decimal("7.90"), free_above=Decimal(80)),
            DemoMethod("Express", (2, 3), Decimal("21.90")),
        ),
    ),
    DemoZone(
        "Northern and Alpine Europe",
        ("CH", "IS", "NO"),
        (
            DemoMethod(
                "Standard",
                (4, 9),
                tiers=_tiers((0, "9.90"), (1000, "13.90"), (5000, "24.90")),
            ),
        ),
    ),
    DemoZone(
        "Japan and Korea",
        ("JP", "KR"),
        (
            DemoMethod("Standard", (5, 10), Decimal("9.90"), free_above=Decimal(100)),
            DemoMethod("Express", (2, 4), Decimal("29.90")),
        ),
    ),
    DemoZone(
        "Southern Asia",
        ("ID", "SG", "TH", "PH", "IN"),
        (
            DemoMethod("Standard", (6, 14), Decimal("8.90"), free_above=Decimal(100)),
            DemoMethod(
                "Parcel",
                (5, 12),
                tiers=_tiers((0, "7.50"), (1000, "12.50"), (3000, "19.50")),
            ),
            DemoMethod("Express", (3, 5), Decimal("27.90")),
        ),
    ),
    DemoZone(
        "Oceania",
        ("AU", "NZ"),
        (
            DemoMethod("Standard", (6, 12), Decimal("10.90"), free_above=Decimal(100)),
            DemoMethod("Express", (3, 5), Decimal("32.90")),
        ),
    ),
)

# Standard rate and rate on printed books in percent, as of 2026, from the tax authorities' tables.
_VALUE_ADDED = """
AT 20 10   BE 21 6    BG 20 9    CY 19 3    CZ 21 0    DE 19 7    DK 25 25   EE 24 9
ES 21 4    FI 25.5 13.5          FR 20 5.5  GR 24 6    HR 25 5    HU 27 5    IE 23 0
IT 22 4    LT 21 5    LU 17 3    LV 21 5    MT 18 5    NL 21 9    PL 23 5    PT 23 6
RO 21 11   SE 25 6    SI 22 5    SK 23 5    GB 20 0    NO 25 0    CH 8.1 2.6 IS 24 11
MX 16 0    KR 10 0    TH 7 0     PH 12 0    ID 11 0
"""
_GOODS_AND_SERVICES = "AU 10 10   NZ 15 15   SG 9 9   IN 18 0"


def _rates(table: str, name: str) -> tuple[DemoTax, ...]:
    words = iter(table.split())
    return tuple(
        DemoTax(country, name, Decimal(standard) / 100, Decimal(books) / 100)
        for country, standard, books in zip(words, words, words, strict=True)
    )


# Canada's is the federal tax alone; the United States have none, and states are left to the shop.
TAXES = (
    *_rates(_VALUE_ADDED, "VAT"),
    *_rates(_GOODS_AND_SERVICES, "GST"),
    DemoTax("JP", "Consumption tax", Decimal("0.10"), Decimal("0.10")),
    DemoTax("US", "Sales tax", Decimal(0), Decimal(0), is_inclusive=False),
    DemoTax("CA", "GST", Decimal("0.05"), Decimal("0.05"), is_inclusive=False),
)
