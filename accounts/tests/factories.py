"""People for tests. Every password is ``PASSWORD``."""

from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from factory.django import DjangoModelFactory

from accounts.models import Address, User

PASSWORD = "correct-horse-battery"


class UserFactory(DjangoModelFactory[User]):
    """A customer with a verified address and a profile."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"customer{n}@example.com")
    password = factory.LazyFunction(lambda: make_password(PASSWORD))
    is_email_verified = True


def put_into_group(user: User, create: bool, name: str | None, **_kwargs: Any) -> None:
    """Put the user into the group of this name, which migrations have made."""
    if create and name:
        user.groups.add(Group.objects.get(name=name))


class StaffFactory(UserFactory):
    """Someone who may open the admin, with the role given as ``role="Order manager"``."""

    email = factory.Sequence(lambda n: f"staff{n}@example.com")
    is_staff = True

    role = factory.PostGeneration(put_into_group)


class AddressFactory(DjangoModelFactory[Address]):
    """A deliverable address in Germany."""

    class Meta:
        model = Address

    user = factory.SubFactory(UserFactory)
    full_name = "Ada Lovelace"
    line1 = "Unter den Linden 1"
    city = "Berlin"
    postal_code = "10117"
    country = "DE"
