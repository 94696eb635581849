"""Searches that nothing has the words of."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Product
from catalog.services import delete_product, set_active, update_product
from catalog.tests.factories import ProductFactory
from listings.audit import vocabulary_is_current
from listings.models import Word
from listings.selectors.spelling import edits
from listings.services import rebuild_vocabulary, refresh_vocabulary

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


def search(api: APIClient, text: str, **more: str) -> dict[str, Any]:
    response = api.get(PRODUCTS, {"search": text, **more})
    assert response.status_code == 200, response.content
    return response.json()


def words() -> dict[str, int]:
    refresh_vocabulary()
    assert list(vocabulary_is_current()) == []
    return dict(Word.objects.values_list("word", "documents"))


@pytest.mark.parametrize(
    "typed", ["harry poter", "hrary potter", "harrry pottre", "hary", "potter harryx"]
)
def test_search_tells_what_it_took_a_mistyped_word_for(api: APIClient, typed: str) -> None:
    ProductFactory.create(name="Harry Potter")
    refresh_vocabulary()

    page = search(api, typed)

    assert [row["name"] for row in page["results"]] == ["Harry Potter"]
    assert set(page["did_you_mean"].split()) <= {"harry", "potter"}


def test_search_corrects_a_word_that_exists_elsewhere(api: APIClient) -> None:
    ProductFactory.create(name="The Hobbit")
    ProductFactory.create(name="He and she")
    refresh_vocabulary()

    assert search(api, "he hobbit")["did_you_mean"] == "the hobbit"


def test_search_leaves_alone_what_is_found(api: APIClient) -> None:
    ProductFactory.create(name="Poter")
    ProductFactory.create_batch(3, name="Potter")
    refresh_vocabulary()

    page = search(api, "poter")

    assert ("did_you_mean" in page, page["count"]) == (False, 1)
    assert search(api, "xylophonist")["results"] == []


def test_finds_a_new_product_by_its_exact_words_at_once(api: APIClient) -> None:
    ProductFactory.create(name="Zorgon")

    assert search(api, "zorgon")["count"] == 1


@pytest.mark.parametrize("typed", ["harry", "harrz", "nothing at all"])
def test_search_costs_at_most_four_queries(
    api: APIClient, typed: str, django_assert_max_num_queries: Any
) -> None:
    ProductFactory.create_batch(3, name="Harry")
    refresh_vocabulary()

    with django_assert_max_num_queries(4):
        search(api, typed, page_size="2")


def test_corrected_search_goes_on_by_page_and_cursor(api: APIClient) -> None:
    ProductFactory.create_batch(3, name="Harry")
    refresh_vocabulary()

    paged = search(api, "hrary", page="2", page_size="2")
    walked = search(api, "hrary", cursor="", page_size="2")

    assert (paged["count"], len(paged["results"])) == (3, 1)
    assert (walked["did_you_mean"], len(walked["results"])) == ("harry", 2)


def test_suggests_in_spite_of_a_mistyped_letter(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    ProductFactory.create(name="The Time Machine", brand__name="Machine Press")
    refresh_vocabulary()

    with django_assert_max_num_queries(1):  # and one for the version, inside a transaction
        assert api.get(f"{PRODUCTS}suggest/", {"q": "time mach"}).json()["products"]
    with django_assert_max_num_queries(4):
        found = api.get(f"{PRODUCTS}suggest/", {"q": "time machne"}).json()
    assert [row["name"] for row in found["products"]] == ["The Time Machine"]
    found = api.get(f"{PRODUCTS}suggest/", {"q": "mahcine"}).json()
    assert [row["name"] for row in found["brands"]] == ["Machine Press"]


def test_code_comes_before_the_name(api: APIClient) -> None:
    ProductFactory.create(name="It", variant__sku="1984")
    ProductFactory.create(name="1984")

    assert [row["name"] for row in search(api, "1984")["results"]] == ["It", "1984"]


def test_snippet_marks_what_was_found(api: APIClient) -> None:
    ProductFactory.create(name="A <b> book", description="Of the Café at the end.")

    (found,) = search(api, "cafe", expand="snippet")["results"]

    assert "<mark>Café</mark>" in found["snippet"]
    assert "&lt;b&gt;" in found["snippet"]
    assert api.get(PRODUCTS, {"expand": "snippet"}).json()["results"][0]["snippet"] is None


def test_vocabulary_follows_the_products() -> None:
    one, other = ProductFactory.create_batch(2, name="Red book", brand=None)
    assert words() == {"red": 2, "book": 2}

    update_product(product_id=one.pk, changes={"name": "Blue book"})
    assert words() == {"red": 1, "blue": 1, "book": 2}
    set_active(product_ids=[one.pk], is_active=False)
    assert words() == {"red": 1, "book": 1}
    delete_product(product_id=other.pk)
    assert words() == {}
    Product.all_objects.all().update(deleted_at=None, is_active=True)
    assert words() == {"red": 1, "blue": 1, "book": 2}


def test_vocabulary_can_be_rebuilt() -> None:
    ProductFactory.create(name="Red book", brand=None)
    Word.objects.create(word="stray", documents=7)

    assert rebuild_vocabulary() == 2
    assert words() == {"red": 1, "book": 1}


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [("a", "a", 0), ("emma", "emam", 1), ("hobit", "hobbit", 1), ("", "ab", 2), ("abc", "xyz", 3)],
)
def test_edits_count_a_swap_once(one: str, other: str, count: int) -> None:
    assert edits(one, other) == edits(other, one) == count
