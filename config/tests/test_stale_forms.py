"""Of two people with the same form of the backoffice open, the second is told, not obeyed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Model
from django.forms import BaseForm, CheckboxInput, FileField, MultiWidget
from django.test import Client
from django.urls import reverse

from accounts.tests.factories import UserFactory
from accounts.tests.races import at_once
from catalog.models import Product
from catalog.tests.factories import (
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    VariantFactory,
    VendorFactory,
)
from inventory.tests.factories import LocationFactory
from pricing.tests.factories import CouponFactory, PriceListFactory, TaxRateFactory
from shipping.tests.factories import ShippingMethodFactory

pytestmark = pytest.mark.django_db

Sent = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A page of the backoffice, the field that both change, and its label."""

    make: Callable[[], Model]
    field: str = "name"
    label: str = "Name"
    first: str = "Hers"
    second: str = "His"
    other: str = ""


def _product_with_variants() -> Product:
    product: Product = ProductFactory.create()
    VariantFactory.create(product=product)
    return product


FORMS = {
    "product": Form(ProductFactory.create, other="description"),
    "variant": Form(_product_with_variants, "variants-1-sku", "Sku", "HERS", "HIS"),
    "category": Form(CategoryFactory.create, other="description"),
    "brand": Form(BrandFactory.create, other="description"),
    "vendor": Form(VendorFactory.create, other="description"),
    "shipping method": Form(ShippingMethodFactory.create),
    "coupon": Form(CouponFactory.create),
    "tax rate": Form(TaxRateFactory.create),
    "price list": Form(PriceListFactory.create),
    "location": Form(LocationFactory.create),
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@pytest.fixture
def clerks() -> tuple[Client, Client]:
    first, second = Client(), Client()
    for client in (first, second):
        client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return first, second


def address_of(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def opened(client: Client, address: str) -> Sent:
    """Return what the page would send when nothing is changed in it."""
    return sent_by(client.get(address))


def sent_by(page: Any) -> Sent:
    sent = _values(page.context["adminform"].form)
    for inline in page.context["inline_admin_formsets"]:
        sent |= _values(inline.formset.management_form)
        for form in inline.formset.forms:
            sent |= _values(form)
    hidden = [name for name in sent if name.endswith("shown_state")]
    assert all(f'name="{name}"' in page.content.decode() for name in hidden if sent[name] != "{}")
    return sent


def _values(form: BaseForm) -> Sent:
    sent: Sent = {}
    for bound in form:
        value, widget = bound.value(), bound.field.widget
        if isinstance(bound.field, FileField) or value is None:
            continue
        if isinstance(widget, MultiWidget):
            parts: Any = value if isinstance(value, list) else widget.decompress(value)
            sent |= {f"{bound.html_name}_{at}": part or "" for at, part in enumerate(parts)}
        elif not isinstance(widget, CheckboxInput) or value:
            sent[bound.html_name] = value
    return sent


@each_form
def test_the_second_of_two_is_told_what_differs_and_keeps_what_was_typed(
    form: Form, clerks: tuple[Client, Client]
) -> None:
    address = address_of(form.make())
    hers, his = (opened(clerk, address) for clerk in clerks)

    first = clerks[0].post(address, hers | {form.field: form.first})
    second = clerks[1].post(address, his | {form.field: form.second})

    assert (first.status_code, second.status_code) == (302, 200)
    told = second.content.decode()
    assert f"Someone else has changed this since you opened it: {form.label}." in told
    assert sent_by(second)[form.field] == form.second
    assert opened(clerks[0], address)[form.field] == form.first


@each_form
def test_who_was_told_may_save_again(form: Form, clerks: tuple[Client, Client]) -> None:
    address = address_of(form.make())
    hers, his = (opened(clerk, address) for clerk in clerks)
    clerks[0].post(address, hers | {form.field: form.first})
    told = clerks[1].post(address, his | {form.field: form.second})

    again = clerks[1].post(address, sent_by(told))

    assert again.status_code == 302
    assert opened(clerks[0], address)[form.field] == form.second


@each_form
def test_the_same_form_sent_twice_is_saved_once_and_not_refused(
    form: Form, clerks: tuple[Client, Client]
) -> None:
    address = address_of(form.make())
    sent = opened(clerks[0], address) | {form.field: form.first}

    assert [clerks[0].post(address, sent).status_code for _ in range(2)] == [302, 302]


def test_another_field_of_the_second_would_take_back_what_the_first_wrote(
    clerks: tuple[Client, Client],
) -> None:
    brand = BrandFactory.create(description="")
    address = address_of(brand)
    hers, his = (opened(clerk, address) for clerk in clerks)
    clerks[0].post(address, hers | {"name": "Hers"})

    second = clerks[1].post(address, his | {"description": "His"})

    brand.refresh_from_db()
    assert second.status_code == 200
    assert (brand.name, brand.description) == ("Hers", "")


def test_what_changes_by_itself_disturbs_nobody(clerks: tuple[Client, Client]) -> None:
    product = ProductFactory.create()
    address = address_of(product)
    sent = opened(clerks[0], address) | {"name": "Emma"}
    Product.objects.filter(pk=product.pk).update(units_sold=7, stock_quantity=3)

    assert clerks[0].post(address, sent).status_code == 302


@pytest.mark.parametrize("shown", ["[]", "no JSON", "{}", "[" * 5000, '{"name": []}'])
def test_a_forged_state_is_a_stale_one(clerks: tuple[Client, Client], shown: str) -> None:
    address = address_of(BrandFactory.create())
    sent = opened(clerks[0], address) | {"name": "Emma", "shown_state": shown}

    assert clerks[0].post(address, sent).status_code == 200


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(clerks: tuple[Client, Client]) -> None:
    address = address_of(BrandFactory.create())
    waiting = [
        (clerk, opened(clerk, address) | {"name": name})
        for clerk, name in zip(clerks, ("Hers", "His"), strict=True)
    ]

    def save() -> int:
        clerk, sent = waiting.pop()
        return int(clerk.post(address, sent).status_code)

    assert sorted(at_once(2, save)) == [200, 302]
