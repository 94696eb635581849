"""What the demo shop knows of its books beside the books: attributes, former prices and slugs."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from catalog.models import (
    AttributeDefinition,
    AttributeType,
    Category,
    FormerSlug,
    PriceChange,
    Product,
    ProductVariant,
)
from catalog.services import define_attribute, update_product
from catalog.services.attributes import DefinitionFields
from demo.library import demo_books
from demo.seeding.step import Step

BATCH = 200
REDUCED_FOR, DEARER_FOR = timedelta(days=6), timedelta(days=45)
TAKEN_OFF_AFTER = timedelta(days=60)
ATTRIBUTES: Sequence[DefinitionFields] = (
    {"name": "authors", "label": "Authors", "type": AttributeType.TEXT},
    {"name": "language", "label": "Original language", "type": AttributeType.CHOICE},
    {"name": "year", "label": "First published", "type": AttributeType.NUMBER},
    {"name": "pages", "label": "Pages", "type": AttributeType.NUMBER},
    {
        "name": "original_title",
        "label": "Original title",
        "type": AttributeType.TEXT,
        "is_filterable": False,
    },
)


def missing_attributes() -> Sequence[DefinitionFields]:
    known = set(AttributeDefinition.objects.values_list("name", flat=True))
    return [fields for fields in ATTRIBUTES if fields["name"] not in known]


def make_attribute(fields: DefinitionFields) -> None:
    position = [attribute["name"] for attribute in ATTRIBUTES].index(fields["name"])
    more: DefinitionFields = {"position": position}
    if fields["type"] == AttributeType.CHOICE:
        more["choices"] = sorted({book.language for book in demo_books()})
    books = Category.objects.get(parent=None, name=demo_books()[0].category[0])
    define_attribute(category=books, fields=DefinitionFields(**fields, **more))


def missing_reductions() -> Sequence[Sequence[ProductVariant]]:
    """Return the reduced editions that never had another price."""
    dearer = PriceChange.objects.filter(at__lt=timezone.now() - REDUCED_FOR).values("variant")
    reduced = ProductVariant.objects.exclude(compare_at_price=None).exclude(pk__in=dearer)
    editions = list(reduced.order_by("pk"))
    return [editions[start : start + BATCH] for start in range(0, len(editions), BATCH)]


@transaction.atomic
def make_reductions(editions: Sequence[ProductVariant]) -> None:
    """Let editions have cost their compare-at price until some days ago."""
    now = timezone.now()
    PriceChange.objects.filter(variant__in=editions).delete()
    for ago, price in ((DEARER_FOR, "compare_at_price"), (REDUCED_FOR, "price")):
        PriceChange.objects.bulk_create(
            PriceChange(
                variant=edition,
                price=getattr(edition, price),
                currency=edition.currency,
                at=now - ago,
            )
            for edition in editions
        )


def missing_addresses() -> Sequence[Product]:
    """Return the first book, unless something leads to it from before."""
    if FormerSlug.objects.exclude(product=None).exists():
        return []
    return list(Product.objects.order_by("id")[:1])


def make_address(book: Product) -> None:
    """Let the book have had another address, and leave the shop some day."""
    FormerSlug.objects.create(slug=f"{book.slug}-first-edition", product=book)
    update_product(product_id=book.pk, changes={"unpublish_at": timezone.now() + TAKEN_OFF_AFTER})


STEPS = (
    Step("Attributes", missing_attributes, make_attribute),
    Step("Former prices", missing_reductions, make_reductions),
    Step("Former addresses", missing_addresses, make_address),
)
