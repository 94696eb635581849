"""The OpenAPI document as it is served, and the pages that its errors name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.core.cache import cache
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from config.tests.openapi import document, operation_at
from core.api import document as served
from core.api.problem_kinds import kinds

SCHEMA = "/api/schema/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def made_anew() -> Iterator[None]:
    """Let the document be made by this test."""
    served._made.cache_clear()
    served._rendered.cache_clear()
    yield
    cache.clear()


def test_it_is_made_once(client: Client, made_anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    get_schema = SchemaGenerator.get_schema
    made = []

    def make(self: Any, *args: Any, **kwargs: Any) -> Any:
        made.append(self)
        return get_schema(self, *args, **kwargs)

    monkeypatch.setattr(SchemaGenerator, "get_schema", make)

    answers = [client.get(SCHEMA, {"format": kind}) for kind in ("json", "yaml", "json")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(made) == 1


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/vnd.oai.openapi"),
        ("application/json,*/*", "application/json"),
        ("application/yaml", "application/yaml"),
        ("text/html,application/json;q=0.9", "application/json"),
    ],
)
def test_it_is_of_the_media_type_that_is_accepted(
    client: Client, accept: str, media_type: str
) -> None:
    response = client.get(SCHEMA, headers={"accept": accept})

    assert response["Content-Type"] == f"{media_type}; charset=utf-8"
    assert {"Accept", "Accept-Encoding"} <= set(response["Vary"].split(", "))


def test_json_and_yaml_say_the_same(client: Client) -> None:
    as_json = json.loads(client.get(SCHEMA, {"format": "json"}).content)
    as_yaml = yaml.safe_load(client.get(SCHEMA, {"format": "yaml"}).content)

    assert as_json == as_yaml
    assert as_json["openapi"].startswith("3.1")


def test_it_comes_packed_to_who_can_unpack_it(client: Client) -> None:
    plain = client.get(SCHEMA, {"format": "json"})
    packed = client.get(SCHEMA, {"format": "json"}, headers={"accept-encoding": "br, gzip"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert len(packed.content) * 10 < len(plain.content)
    assert packed["ETag"] != plain["ETag"]


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_who_has_it_is_told_so(client: Client, encoding: str) -> None:
    headers = {"accept-encoding": encoding}
    tag = client.get(SCHEMA, headers=headers)["ETag"]

    again = client.get(SCHEMA, headers={**headers, "if-none-match": tag})

    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


def test_what_is_not_offered_is_refused(client: Client) -> None:
    assert client.get(SCHEMA, {"format": "xml"}).status_code == 400
    assert client.get(SCHEMA, {"lang": "de"}).status_code == 400
    assert client.get(SCHEMA, headers={"accept": "image/png"}).status_code == 406
    assert client.post(SCHEMA).status_code == 405


def test_it_is_limited(client: Client) -> None:
    for _ in range(60):
        client.head(SCHEMA)

    refused = client.get(SCHEMA)

    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert int(refused["Retry-After"]) > 0


def test_every_code_has_a_page(client: Client) -> None:
    pages = {code: client.get(f"/api/docs/errors/{code}") for code in kinds()}

    assert {code for code, page in pages.items() if page.status_code != 200} == set()
    assert [code for code, page in pages.items() if "What to do" not in page.text] == []


def test_the_type_of_a_problem_leads_to_its_page(client: Client, api: APIClient) -> None:
    problem = api.get("/api/v1/users/me/").json()

    page = client.get(problem["type"])

    assert page.status_code == 200
    assert page["Content-Type"].startswith("text/html")
    assert "Sign in to do this." in page.text


def test_a_page_says_what_it_means_and_which_operations_tell_it(client: Client) -> None:
    page = client.get("/api/docs/errors/insufficient_stock/").text

    assert "There is not enough stock." in page
    assert "<code>available</code>" in page
    assert "POST /api/v1/cart/items/" in page


def test_all_codes_are_listed(client: Client) -> None:
    page = client.get("/api/docs/errors/").text

    assert [code for code in kinds() if f"/api/docs/errors/{code}/" not in page] == []


def test_an_unknown_code_has_no_page(client: Client) -> None:
    assert client.get("/api/docs/errors/nothing-like-it").status_code == 404


def _described(method: str, path: str) -> dict[str, Any]:
    operation = operation_at(method, path)
    assert operation is not None
    return operation.described


@pytest.mark.parametrize("path", ["/api/v1/users/me/", "/api/v1/auth/mfa/totp/"])
def test_a_delete_that_asks_for_the_password_has_a_body(path: str) -> None:
    content = _described("delete", path)["requestBody"]["content"]

    assert content["application/json"]["schema"]["$ref"].endswith("ConfirmPasswordRequest")


def test_a_list_says_what_shapes_it() -> None:
    parameters = {
        parameter["name"]: parameter
        for parameter in _described("get", "/api/v1/products/")["parameters"]
    }

    assert {"id", "price", "snippet"} <= set(parameters["fields"]["schema"]["items"]["enum"])
    assert {"category", "variants"} <= set(parameters["expand"]["schema"]["items"]["enum"])
    assert parameters["fields"]["explode"] is False
    assert parameters["attributes"]["explode"] is True
    assert parameters["attributes"]["schema"]["propertyNames"] == {"pattern": r"^attr\..+"}


def test_errors_show_their_further_members() -> None:
    short = _described("post", "/api/v1/cart/items/")["responses"]["409"]["content"]
    members = short["application/problem+json"]["schema"]["allOf"][1]["properties"]
    asked = _described("post", "/api/v1/auth/login/")["responses"]["401"]["content"]
    shown = [example["value"] for example in asked["application/problem+json"]["examples"].values()]

    assert members["available"] == {"type": "integer"}
    assert [
        bool(problem.get("mfa_token")) for problem in shown if problem["code"] == "mfa_required"
    ] == [True]


def test_every_operation_shows_a_mistake_with_its_pointer() -> None:
    pointers = {
        f"{method} {path}": described["responses"]["400"]["content"]["application/problem+json"][
            "examples"
        ]["invalid"]["value"]["errors"][0]["pointer"]
        for path, methods in document()["paths"].items()
        for method, described in methods.items()
    }

    assert [where for where, pointer in pointers.items() if not pointer.startswith("#/")] == []
    assert pointers["post /api/v1/products/"] == "#/name"


def test_answers_name_their_headers() -> None:
    def headers(method: str, path: str, status: str) -> set[str]:
        return set(_described(method, path)["responses"][status]["headers"])

    assert "Location" in headers("post", "/api/v1/orders/", "201")
    assert "X-Cart-Token" in headers("post", "/api/v1/cart/items/", "201")
    assert "ETag" in headers("get", "/api/v1/products/{key}/", "200")
    assert "ETag" in headers("get", "/api/v1/products/{key}/", "304")
    assert "WWW-Authenticate" in headers("get", "/api/v1/users/me/", "401")
    assert "Retry-After" in headers("get", "/api/v1/users/me/", "429")
