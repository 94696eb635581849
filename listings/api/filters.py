"""How product lists are narrowed down; anything that is not offered here is a 400."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.forms import Form
from django.utils.datastructures import MultiValueDict
from django_filters import CharFilter, ChoiceFilter, FilterSet, NumberFilter
from django_filters.utils import translate_validation
from rest_framework.exceptions import ValidationError

from catalog.models import Product
from catalog.selectors.attributes import KnownAttribute
from core.api.filters import ShopTimeFilter, TruthFilter, narrowed
from core.money import MINOR_DIGITS
from listings.selectors import search
from listings.selectors.facets import ATTRIBUTE
from listings.selectors.lookups import by_key
from listings.selectors.products import in_category, with_attribute

MOST_ATTRIBUTES = 10  # of one request


class ProductFilter(FilterSet):
    """The filters of the product list."""

    category = CharFilter(method="in_category", label="Id or slug, with its descendants.")
    brand = CharFilter(method="of_brand", label="Id or slug.")
    vendor = CharFilter(method="of_vendor", label="Id or slug.")
    min_price = NumberFilter("price", "gte", min_value=0, max_digits=18, decimal_places=4)
    max_price = NumberFilter("price", "lte", min_value=0, max_digits=18, decimal_places=4)
    currency = ChoiceFilter(choices=[(code, code) for code in sorted(MINOR_DIGITS)])
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
        return not self.filters and not any(name.startswith(ATTRIBUTE) for name in self.data)

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
        for name in self.data:
            if name.startswith(ATTRIBUTE) and name not in without:
                products = products.filter(self._having(name, self.data.getlist(name)))
        return products

    def _having(self, parameter: str, values: Sequence[str]) -> Q:
        if any("\x00" in text for text in (parameter, *values)):
            raise ValidationError({"attr": ["A NUL character."]}, code="invalid")
        name = parameter.removeprefix(ATTRIBUTE)
        types = self.attributes[name].types if name in self.attributes else frozenset[str]()
        try:
            return with_attribute(name, values, types)
        except ValueError as error:
            expected = " or ".join(sorted(types))
            detail = f"{error} is not a {expected}; numbers and days may be ranges: 100..300."
            raise ValidationError({parameter: [detail]}, code="invalid") from error

    def in_category(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Return those in a category or below it."""
        return products.filter(in_category(value))

    def of_brand(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Return those of a brand."""
        return products.filter(by_key(value, of="brand"))

    def of_vendor(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Return those of a vendor."""
        return products.filter(by_key(value, of="vendor"))

    def found(self, products: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Return those that the search finds, with their ``distance``."""
        return search.matching(products, value)

    def with_facets(
        self, products: QuerySet[Product], _name: str, _value: str
    ) -> QuerySet[Product]:
        """Return all: it is about what else the answer has."""
        return products


def parse_filters(
    parameters: MultiValueDict[str, str],
    attributes: Mapping[str, KnownAttribute],
) -> ProductFilter:
    """Return the filters that ``parameters`` name; raise ValidationError.

    ``attributes`` is what they are, where it is defined.
    """
    if sum(name.startswith(ATTRIBUTE) for name in parameters) > MOST_ATTRIBUTES:
        raise ValidationError({"attr": [f"At most {MOST_ATTRIBUTES} attributes."]})
    named = frozenset(parameters) & frozenset(ProductFilter.base_filters)
    filters: ProductFilter = narrowed(ProductFilter, named)(
        data=parameters, queryset=Product.objects.none()
    )
    if not filters.is_valid():
        raise translate_validation(filters.errors)
    filters.attributes = attributes
    return filters
