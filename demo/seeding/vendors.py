"""Who sells in the demo shop beside the shop itself: an antiquarian, with the oldest books."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from catalog.models import Product, Vendor
from catalog.services import create_vendor, update_product
from demo.seeding.step import Step

NAME, SELLER = "Lindqvist Antiquarian", "seller@example.com"
DESCRIPTION = "What was written before 1700, chosen and described by hand."
BEFORE = 1700


def missing_vendors() -> Sequence[str]:
    return [] if Vendor.all_objects.filter(name=NAME).exists() else [NAME]


@transaction.atomic
def make_vendor(name: str) -> None:
    sellers = [User.objects.get(email=SELLER)]
    vendor = create_vendor(fields={"name": name, "description": DESCRIPTION, "sellers": sellers})
    for book in Product.objects.filter(attributes__year__lt=BEFORE).order_by("pk"):
        update_product(product_id=book.pk, changes={"vendor": vendor})


STEPS = (Step("Vendors", missing_vendors, make_vendor),)
