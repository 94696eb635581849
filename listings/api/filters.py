"""How product lists are narrowed down; anything that is not offered here is a 400."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.forms import Form
from django.utils.datastructures import MultiValueDict
from django_filters import CharFilter, FilterSet, NumberFilter
from django_filters.utils import translate_validation
from rest_framework.exceptions import ValidationError

from catalog.models import Product
from catalog.selectors.attributes import KnownAttribute
from core.api.filters import MOST_VALUES, SeveralFilter, ShopTimeFilter, TruthFilter, narrowed
from core.money import MINOR_DIGITS
from listings.selectors import search
from listings.selectors.facets import ATTRIBUTE, OPTION
from listings.selectors.lookups import by_keys
from listings.selectors.products import in_categories, with_attribute, with_options

MOST_ATTRIBUTES = 10  # of one request


class ProductFilter(FilterSet):
    """The filters of the product list."""

    category = SeveralFilter(method="of_categories", label="Id or slug, with its descendants.")
    brand = SeveralFilter(method="of_brands", label="Id or slug.")
    vendor = SeveralFilter(method="of_vendors", label="Id or slug.")
    min_price = NumberFilter("price", "gte", min_value=0, max_digits=18, decimal_places=4)
    max_price = NumberFilter("price", "lte", min_value=0, max_digits=18, decimal_places=4)
    currency = SeveralFilter(choices=[(code, code) for code in sorted(MINOR_DIGITS)])
    in_stock = TruthFilter()
    is_featured = TruthFilter()
    min_rating = NumberFilter("rating_average", "gte", min_value=0, max_value=5)
    created_after = ShopTimeFilter("created_at", "gt", label="RFC 3339.")
    search = CharFilter(
        method="found",
        max_length=200,
        label="Words, the last one as a beginning; or a code. What nothing has is taken for "
        "mistyped.",
    )
    facets = TruthFilter(
        method="with_facets", label="Add counts by category, brand, price band and attribute."
    )

    form_class: ClassVar[type[Form]]
    # What attributes are, where it is defined.
    attributes: Mapping[str, KnownAttribute] = {}

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    @property
    def typed(self) -> str:
        """What is searched for, as it was typed."""
        return self.form.cleaned_data.get("search") or ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left out."""
        return not self.filters and not any(map(is_free, self.data))

    @property
    def asks_for_facets(self) -> bool:
        """Whether the facets of what is left are to be counted, too."""
        return bool(self.form.cleaned_data.get("facets") == "true")

    def get_form_class(self) -> type[Form]:
        """Return the form, made once for each choice of filters: it is the same for everyone."""
        chosen = type(self)
        if "form_class" not in chosen.__dict__:
            chosen.form_class = super().get_form_class()
        return chosen.form_class

    def passing(
        self, products: QuerySet[Product], text: str, *, without: Collection[str] = ()
    ) -> QuerySet[Product]:
        """Return those of ``products`` that pass all filters but the ones named ``without``.

        ``text`` is searched for, if anything is: what was typed or what that should have been.
        """
        for name, value in self.form.cleaned_data.items():
            if name not in without:
                wanted = text if name == "search" else value
                products = self.filters[name].filter(products, wanted)
        options: dict[str, Sequence[str]] = {}
        for name in self.data:
            if not is_free(name) or name in without:
                continue
            values = alternatives(self.data.getlist(name))
            if any("\x00" in text for text in (name, *values)):
                raise ValidationError({name.split(".")[0]: ["A NUL character."]}, code="invalid")
            if name.startswith(OPTION):
                options[name.removeprefix(OPTION)] = values
            else:
                products = products.filter(self._having(name, values))
        return products.filter(with_options(options)) if options else products

    def _having(self, parameter: str, values: Sequence[str]) -> Q:
        name = parameter.removeprefix(ATTRIBUTE)
        types = self.attributes[name].types if name in self.attributes else frozenset[str]()
        try:
            return with_attribute(name, values, types)
        except ValueError as error:
            expected = " or ".join(sorted(types))
            detail = f"{error} is not a {expected}; numbers and days may be ranges: 100..300."
            raise ValidationError({parameter: [detail]}, code="invalid") from error

    def of_categories(
        self, products: QuerySet[Product], _name: str, keys: Sequence[str]
    ) -> QuerySet[Product]:
        """Return those in a category or below it."""
        return products.filter(in_categories(keys))

    def of_brands(
        self, products: QuerySet[Product], _name: str, keys: Sequence[str]
    ) -> QuerySet[Product]:
        """Return those of a brand."""
        return products.filter(by_keys(keys, of="brand"))

    def of_vendors(
        self, products: QuerySet[Product], _name: str, keys: Sequence[str]
    ) -> QuerySet[Product]:
        """Return those of a vendor."""
        return products.filter(by_keys(keys, of="vendor"))

    def found(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Return those that the search finds, with their ``distance``."""
        return search.matching(products, value)

    def with_facets(
        self, products: QuerySet[Product], _name: str, _value: str
    ) -> QuerySet[Product]:
        """Return all: it is about what else the answer has."""
        return products


def is_free(name: str) -> bool:
    """Tell whether a parameter is named after an attribute or an option."""
    return name.startswith((ATTRIBUTE, OPTION))


def alternatives(values: Sequence[str]) -> list[str]:
    """Return what any of is asked for: the values, and their parts where commas join them.

    A value may have a comma of its own: "Tolkien, J. R. R." is looked for as a whole, too.
    """
    parts = [part.strip() for text in values for part in (text, *text.split(","))]
    found = list(dict.fromkeys(part for part in parts if part)) or [""]
    if len(found) > MOST_VALUES:
        raise ValidationError({"attr": [f"At most {MOST_VALUES} values."]})
    return found


def parse_filters(
    parameters: MultiValueDict[str, str],
    attributes: Mapping[str, KnownAttribute],
) -> ProductFilter:
    """Return the filters that ``parameters`` name; raise ValidationError.

    ``attributes`` is what they are, where it is defined.
    """
    if sum(map(is_free, parameters)) > MOST_ATTRIBUTES:
        raise ValidationError({"attr": [f"At most {MOST_ATTRIBUTES} attributes and options."]})
    named = frozenset(parameters) & frozenset(ProductFilter.base_filters)
    filters: ProductFilter = narrowed(ProductFilter, named)(
        data=parameters, queryset=Product.objects.none()
    )
    if not filters.is_valid():
        raise translate_validation(filters.errors)
    filters.attributes = attributes
    return filters
