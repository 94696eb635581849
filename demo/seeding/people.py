"""The staff and the customers of the demo shop.

Accounts are written directly: registering would sign each of them in and send them mail.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import Profile, User
from accounts.services import addresses
from accounts.services.addresses import AddressFields
from demo.accounts import PASSWORD
from demo.people import CUSTOMERS, STAFF, DemoAccount, DemoCustomer
from demo.seeding.step import Step


def missing_staff() -> Sequence[DemoAccount]:
    known = _known(account.email for account in STAFF)
    return [account for account in STAFF if account.email not in known]


def missing_customers() -> Sequence[DemoCustomer]:
    known = _known(customer.email for customer in CUSTOMERS)
    return [customer for customer in CUSTOMERS if customer.email not in known]


@transaction.atomic
def make_staff(account: DemoAccount) -> None:
    user = _make_user(
        User(email=account.email, is_staff=True, is_superuser=account.is_superuser),
        first_name=account.first_name,
        last_name=account.last_name,
    )
    user.groups.add(Group.objects.get(name=account.role))


@transaction.atomic
def make_customer(customer: DemoCustomer) -> None:
    user = _make_user(
        User(email=customer.email),
        first_name=customer.first_name,
        last_name=customer.last_name,
        phone_number=customer.phone_number,
    )
    addresses.add_address(
        user=user,
        fields=AddressFields(
            full_name=customer.full_name,
            line1=customer.line1,
            line2=customer.line2,
            city=customer.city,
            region=customer.region,
            postal_code=customer.postal_code,
            country=customer.country,
            phone_number=customer.phone_number,
            is_default_shipping=True,
            is_default_billing=True,
        ),
    )


def _known(emails: Iterable[str]) -> set[str]:
    return set(User.objects.filter(email__in=list(emails)).values_list("email", flat=True))


def _make_user(user: User, **profile: str) -> User:
    user.password = _password_hash()
    user.is_email_verified = True
    user.save(force_insert=True)
    Profile.objects.filter(user=user).update(**profile)
    return user


@cache
def _password_hash() -> str:
    """Hash the one password once: hashing is slow by design, and here there is no secret."""
    return make_password(PASSWORD)


STEPS = (
    Step("Staff", missing_staff, make_staff),
    Step("Customers", missing_customers, make_customer),
)
