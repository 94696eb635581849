"""What the catalog refuses, and which constraint of the database stands behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from core.errors import DomainError, InvalidInput


class SlugTaken(DomainError):
    """Another living row has this slug."""

    code = "slug_taken"
    title = "This slug is taken."
    at = "#/slug"

    def __init__(self) -> None:
        super().__init__(pointer="#/slug")


class NameTaken(DomainError):
    """Another living brand or vendor has this name."""

    code = "name_taken"
    title = "This name is taken."
    at = "#/name"

    def __init__(self) -> None:
        super().__init__(pointer="#/name")


class SkuTaken(DomainError):
    """Another living variant has this SKU."""

    code = "sku_taken"
    title = "This SKU is taken."
    at = "#/sku"

    def __init__(self) -> None:
        super().__init__(pointer="#/sku")


class OptionsTaken(DomainError):
    """Another living variant of the product has the same options."""

    code = "options_taken"
    title = "Another variant of the product has the same options."
    at = "#/options"

    def __init__(self) -> None:
        super().__init__(pointer="#/options")


class AttributeDefined(DomainError):
    """The category has an attribute of this name already."""

    code = "attribute_defined"
    title = "The category defines this attribute already."

    def __init__(self) -> None:
        super().__init__(pointer="#/name")


class InvalidPrice(InvalidInput):
    """An amount that is not a price in its currency."""

    code = "invalid_price"
    title = "This is not a price."


_Taken = SlugTaken | NameTaken | SkuTaken | OptionsTaken | AttributeDefined
_BY_CONSTRAINT: Mapping[str, type[_Taken]] = {
    "category_slug_is_unique": SlugTaken,
    "brand_slug_is_unique": SlugTaken,
    "product_slug_is_unique": SlugTaken,
    "brand_name_is_unique": NameTaken,
    "vendor_slug_is_unique": SlugTaken,
    "vendor_name_is_unique": NameTaken,
    "variant_sku_is_unique": SkuTaken,
    "variant_sku_is_unique_in_any_form": SkuTaken,
    "variant_options_are_unique": OptionsTaken,
    "attribute_is_defined_once_in_a_category": AttributeDefined,
}


@contextmanager
def refusing_duplicates() -> Iterator[None]:
    """Turn the violation of a unique constraint into its domain error; nothing is written."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        refusal = _BY_CONSTRAINT.get(_constraint(error))
        if refusal is None:
            raise
        raise refusal from error


def _constraint(error: IntegrityError) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", ""))
