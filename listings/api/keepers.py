"""Who sees what of the catalog beside what everybody sees: one rule for all its reads.

What is not listed, and what concerns the shop alone (what a product costs it, how it is taxed), is
for those who may write it: staff and API keys for every product, sellers for their own.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseNotModified
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import User
from catalog.models import Product
from catalog.selectors.vendors import products_sold_by
from core.api.access import Rule, has_role, machine, role
from core.api.conditional import etag_of
from core.errors import NotFound
from listings.api.caching import answer, is_held
from listings.selectors import listed_products
from listings.selectors.documents import Shape, detail
from listings.selectors.lookups import by_key, living_products

sellers = Rule(
    "permission `catalog.sell_products` (own products)",
    lambda request: has_role(request, "catalog.sell_products"),
)
staff = role("catalog.change_product") | machine("catalog:write")


def kept_products(request: Request) -> QuerySet[Product] | None:
    """Return the living products, listed or not, that the caller may keep; None for most."""
    if not _is_known(request):
        return None
    if staff.allows(request):
        return living_products()
    return products_sold_by(_person(request).pk) if sellers.allows(request) else None


def keeps(request: Request, key: str) -> bool:
    """Whether the caller keeps the product with this id or slug, if there is such a product."""
    if not _is_known(request):
        return False
    if staff.allows(request):
        return True
    return (
        sellers.allows(request)
        and products_sold_by(_person(request).pk).filter(by_key(key)).exists()
    )


def _is_known(request: Request) -> bool:
    """Whether someone is calling; who has an expired token reads what strangers read."""
    try:
        return bool(request.user.is_authenticated or request.auth)
    except AuthenticationFailed:
        return False


def _person(request: Request) -> User:
    person = request.user
    assert isinstance(person, User)  # noqa: S101 - the rule lets in people alone
    return person


def readable_products(request: Request, key: str) -> QuerySet[Product]:
    """Return among which products the caller may look for the one with this id or slug."""
    return living_products() if keeps(request, key) else listed_products()


def page_of(key: str, shape: Shape, *, media: str) -> bytes:
    """Return the product's page, listed or not where ``shape`` is for who keeps it.

    Raises NotFound.
    """
    body = detail(key, only_listed=not shape.is_kept, media=media, shape=shape)
    if body is None:
        raise NotFound("There is no such product.")
    return body


def answer_to(request: Request, body: bytes, *, is_kept: bool) -> HttpResponse:
    """Answer a read: one who keeps the product for no cache, everybody else publicly."""
    return private_answer(request, body) if is_kept else answer(request, body)


def private_answer(request: Request, body: bytes) -> HttpResponse:
    """Answer one who keeps products: with a tag to change them by, and for no cache."""
    tag = etag_of(body)
    response: HttpResponse
    if is_held(request._request, tag):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="application/json")
    response.headers["ETag"] = tag
    response.headers["Cache-Control"] = "private, no-store"
    return response
