"""The demo shop's category tree, publishers and books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify

from catalog.models import Brand, Category, Product, ProductVariant, TaxClass
from catalog.services import brands, categories, listing
from catalog.services.slugs import unique_slug
from demo.library import CURRENCY, DemoBook, DemoEdition, demo_books
from demo.seeding.step import Step

Path = tuple[str, ...]
BATCH = 50


def missing_categories() -> Sequence[Path]:
    """Return the paths that are not in the tree yet, parents before children."""
    wanted = {
        book.category[:depth] for book in demo_books() for depth in range(1, len(book.category) + 1)
    }
    known = _categories_by_path()
    return sorted(path for path in wanted if path not in known)


def make_category(path: Path) -> None:
    parent = _categories_by_path()[path[:-1]] if len(path) > 1 else None
    categories.create_category(fields={"name": path[-1], "parent": parent})


def missing_brands() -> Sequence[str]:
    known = set(Brand.objects.values_list("name", flat=True))
    return sorted({book.publisher for book in demo_books()} - known)


def make_brand(name: str) -> None:
    brands.create_brand(fields={"name": name})


@dataclass(frozen=True)
class Batch:
    """Books that are put into the catalog in one transaction."""

    books: Sequence[DemoBook]


def missing_books() -> Sequence[Batch]:
    """Return the books of which no edition is known; one that the shop deleted stays deleted."""
    known = set(ProductVariant.all_objects.values_list("sku", flat=True))
    books = [book for book in demo_books() if book.editions[0].sku not in known]
    return [Batch(books[start : start + BATCH]) for start in range(0, len(books), BATCH)]


@transaction.atomic
def make_books(batch: Batch) -> None:
    """Put books into the catalog.

    In bulk, since one call of ``create_product`` for each would take half of the seeding's time;
    the copies that lists are made from come from their owner all the same.
    """
    by_path = _categories_by_path()
    publishers = {brand.name: brand for brand in Brand.objects.all()}
    taken = set(Product.objects.values_list("slug", flat=True))
    made = [
        _product(book, category=by_path[book.category], publisher=publishers[book.publisher])
        for book in batch.books
    ]
    for product, book in zip(made, batch.books, strict=True):
        product.slug = _free_slug(book, taken)
    Product.objects.bulk_create(made)
    ProductVariant.objects.bulk_create(
        _variant(product, edition, position)
        for product, book in zip(made, batch.books, strict=True)
        for position, edition in enumerate(book.editions)
    )
    listing.refresh_products(product_ids=[product.pk for product in made])


def _product(book: DemoBook, *, category: Category, publisher: Brand) -> Product:
    return Product(
        name=book.title,
        description=book.description,
        category=category,
        brand=publisher,
        tax_class=TaxClass.REDUCED,
        attributes=book.attributes,
        is_featured=book.is_featured,
    )


def _free_slug(book: DemoBook, taken: set[str]) -> str:
    """Return the title's slug; where another book has it, with the author's name."""
    slug = slugify(book.title)
    if slug in taken:
        slug = unique_slug(Product, f"{book.title} {book.byline}")
    taken.add(slug)
    return slug


def _variant(product: Product, edition: DemoEdition, position: int) -> ProductVariant:
    return ProductVariant(
        product=product,
        sku=edition.sku,
        name=edition.format.label,
        options={"format": edition.format.label},
        price=edition.price,
        compare_at_price=edition.compare_at_price,
        cost_price=edition.cost_price,
        currency=CURRENCY,
        barcode=edition.barcode,
        weight_grams=edition.weight_grams,
        is_digital=edition.is_digital,
        position=position,
    )


def _categories_by_path() -> Mapping[Path, Category]:
    """Return the living categories by their names from the root downwards."""
    paths: dict[object, Path] = {None: ()}
    known: dict[Path, Category] = {}
    for category in Category.objects.order_by("level", "lft"):
        path = (*paths.get(category.parent_id, ()), category.name)
        paths[category.pk] = path
        known[path] = category
    return known


STEPS = (
    Step("Categories", missing_categories, make_category),
    Step("Publishers", missing_brands, make_brand),
    Step("Books", missing_books, make_books),
)
