from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from rest_framework.test import APIClient

from accounts.models import Address, User
from accounts.tests.factories import AddressFactory, UserFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/users/me/addresses/"
BERLIN = {
    "full_name": "Ada Lovelace",
    "line1": "Unter den Linden 1",
    "city": "Berlin",
    "postal_code": "10117",
    "country": "DE",
}
ApiFor = Callable[[User], APIClient]


@pytest.fixture
def user() -> User:
    return UserFactory.create()


@pytest.fixture
def mine(user: User, api_for: ApiFor) -> APIClient:
    return api_for(user)


def test_keeps_an_address(mine: APIClient) -> None:
    answer = mine.post(URL, BERLIN | {"phone_number": "030 901820"})

    assert answer.status_code == 201, answer.content
    assert answer.json()["phone_number"] == "+4930901820"
    assert mine.get(URL).json()["results"] == [answer.json()]
    assert mine.get(f"{URL}{answer.json()['id']}/").json() == answer.json()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"country": "XX"}, "#/country"),
        ({"country": "Germany"}, "#/country"),
        ({"postal_code": "ABC"}, "#/postal_code"),
        ({"postal_code": ""}, "#/postal_code"),
        ({"city": ""}, "#/city"),
        ({"line1": " "}, "#/line1"),
        ({"phone_number": "abc"}, "#/phone_number"),
        ({"country": "US", "postal_code": "1011"}, "#/postal_code"),
    ],
)
def test_refuses_what_the_country_does_not_know(
    mine: APIClient, change: dict[str, Any], pointer: str
) -> None:
    answer = mine.post(URL, BERLIN | change)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Address.objects.exists()


def test_takes_addresses_without_a_postal_code_where_there_are_none(mine: APIClient) -> None:
    nairobi = BERLIN | {"country": "AE", "city": "", "region": "Dubai", "postal_code": ""}

    assert mine.post(URL, nairobi).status_code == 201


def test_a_new_default_takes_the_place_of_the_old(mine: APIClient) -> None:
    first = mine.post(URL, BERLIN | {"is_default_shipping": True}).json()
    second = mine.post(URL, BERLIN | {"is_default_shipping": True}).json()

    defaults = {row["id"]: row["is_default_shipping"] for row in mine.get(URL).json()["results"]}
    assert defaults == {first["id"]: False, second["id"]: True}


def test_the_database_holds_one_default_of_each_kind(user: User) -> None:
    AddressFactory.create(user=user, is_default_billing=True)

    with pytest.raises(IntegrityError, match="one_default_billing_address"):
        AddressFactory.create(user=user, is_default_billing=True)


def test_changes_a_part_and_checks_the_whole(mine: APIClient, user: User) -> None:
    address = AddressFactory.create(user=user)

    assert mine.patch(f"{URL}{address.pk}/", {"line2": "3rd floor"}).status_code == 200
    refused = mine.patch(f"{URL}{address.pk}/", {"country": "US", "postal_code": "1"})

    address.refresh_from_db()
    assert refused.status_code == 400
    assert (address.line2, address.country) == ("3rd floor", "DE")


def test_replacing_empties_what_is_not_sent(mine: APIClient, user: User) -> None:
    address = AddressFactory.create(user=user, line2="3rd floor")

    answer = mine.put(f"{URL}{address.pk}/", BERLIN)

    assert answer.json()["line2"] == ""


def test_refuses_a_change_of_what_someone_else_changed(mine: APIClient, user: User) -> None:
    url = f"{URL}{AddressFactory.create(user=user).pk}/"
    etag = mine.get(url)["ETag"]

    assert mine.patch(url, {"line2": "a"}, headers={"If-Match": etag}).status_code == 200
    assert mine.patch(url, {"line2": "b"}, headers={"If-Match": etag}).status_code == 412
    assert Address.objects.get().line2 == "a"


def test_a_removed_address_is_gone_and_its_default_free(mine: APIClient) -> None:
    first = mine.post(URL, BERLIN | {"is_default_billing": True}).json()

    assert mine.delete(f"{URL}{first['id']}/").status_code == 204

    assert mine.get(f"{URL}{first['id']}/").status_code == 404
    assert mine.post(URL, BERLIN | {"is_default_billing": True}).status_code == 201


def test_the_addresses_of_others_do_not_exist(mine: APIClient, api: APIClient) -> None:
    foreign = AddressFactory.create()
    url = f"{URL}{foreign.pk}/"

    assert mine.get(URL).json()["count"] == 0
    assert mine.get(url).status_code == 404
    assert mine.patch(url, {"line2": "x"}).status_code == 404
    assert mine.put(url, BERLIN).status_code == 404
    assert mine.delete(url).status_code == 404
    assert api.get(url).status_code == 401
    foreign.refresh_from_db()
    assert (foreign.line2, foreign.deleted_at) == ("", None)


@pytest.mark.parametrize("count", [1, 30])
def test_listing_costs_the_same_for_any_number(
    mine: APIClient, user: User, count: int, django_assert_num_queries: Any
) -> None:
    AddressFactory.create_batch(count, user=user)

    with django_assert_num_queries(3):  # the caller, the count, the page
        mine.get(URL, {"page_size": 100})


def test_an_address_book_is_full_at_some_point(mine: APIClient, user: User) -> None:
    AddressFactory.create_batch(100, user=user)

    answer = mine.post(URL, BERLIN)

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_addresses")


@pytest.mark.parametrize(
    ("country", "postal_code"),
    [("US", "94107"), ("GB", "SW1A 1AA"), ("FR", "75001"), ("ID", "10110"), ("JP", "100-0001")],
)
def test_takes_postal_codes_of_other_countries(
    mine: APIClient, country: str, postal_code: str
) -> None:
    address = BERLIN | {"country": country, "postal_code": postal_code, "city": "Somewhere"}
    region = "Jakarta" if country == "ID" else ""  # whose postal codes do not tell it

    assert mine.post(URL, address | {"region": region}).status_code == 201
