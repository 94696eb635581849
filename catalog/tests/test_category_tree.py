"""The tree stays what the parents say, whatever is done to it, and by how many at once."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from importlib import import_module
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tests.factories import StaffFactory
from catalog import services
from catalog.models import Category, Product
from catalog.services.bulk import BulkEdit
from catalog.services.categories import MAXIMUM_DEPTH, CategoryFields, CategoryNotEmpty, InvalidMove
from catalog.services.errors import SlugTaken
from catalog.tests.factories import CategoryFactory, ProductFactory
from core.audit import discrepancies
from core.errors import DomainError, InvalidInput, NotFound
from listings.selectors.categories import category_documents

pytestmark = pytest.mark.django_db

API = "/api/v1"
# In the gate a few seconds' worth; by hand as many as one likes.
OPERATIONS = int(os.environ.get("TREE_OPERATIONS", "60"))
SEEDS = int(os.environ.get("TREE_SEEDS", "2"))
POSITIONS = ("first-child", "last-child", "left", "right")


class Parents:
    """The tree as a plain dictionary of parents, which cannot be wrong."""

    def __init__(self) -> None:
        self.living: dict[UUID, UUID | None] = {}
        self.former: dict[UUID, UUID | None] = {}

    def path(self, key: UUID | None) -> list[UUID]:
        steps: list[UUID] = []
        while key is not None:
            steps.insert(0, key)
            key = self.living[key]
        return steps

    def children(self, key: UUID) -> list[UUID]:
        return [child for child, parent in self.living.items() if parent == key]

    def height(self, key: UUID) -> int:
        return max((1 + self.height(child) for child in self.children(key)), default=0)

    def fits(self, moved: UUID, parent: UUID | None) -> bool:
        path = self.path(parent)
        return moved not in path and len(path) + self.height(moved) < MAXIMUM_DEPTH

    def delete(self, key: UUID) -> None:
        self.former[key] = self.living.pop(key)

    def restored_below(self, key: UUID) -> UUID | None:
        parent = self.former[key]
        while parent is not None and parent not in self.living:
            parent = self.former[parent]
        return parent


class Gardener:
    """Does random things to the tree, and the same to its model; each must refuse the same."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.model = Parents()
        self.made = 0

    def work(self) -> None:
        crowded = len(self.model.living) > 30
        tasks = [self.move] * 5 + [self.delete] * (4 if crowded else 1) + [self.restore] * 2
        tasks += [self.create] * (1 if crowded else 4)
        self.chance.choice(tasks)()

    def any(self) -> UUID | None:
        return self.chance.choice([*self.model.living, None])

    def create(self) -> None:
        parent = self.any()
        place = Category.objects.get(pk=parent) if parent else None
        fields: CategoryFields = {"name": f"made {self.made}", "parent": place}
        self.made += 1
        if len(self.model.path(parent)) >= MAXIMUM_DEPTH:
            with pytest.raises(InvalidMove):
                services.create_category(fields=fields)
            return
        made = services.create_category(fields=fields)
        self.model.living[made.pk] = parent

    def move(self) -> None:
        moved, target, position = self.any(), self.any(), self.chance.choice(POSITIONS)
        if moved is None:
            return
        beside = target is not None and not position.endswith("child")
        parent = self.model.living[target] if beside and target else target
        place = Category.objects.get(pk=target) if target else None
        if moved == target or not self.model.fits(moved, parent):
            with pytest.raises(InvalidMove):
                services.move_category(category_id=moved, target=place, position=position)
            return
        services.move_category(category_id=moved, target=place, position=position)
        self.model.living[moved] = parent

    def delete(self) -> None:
        key, heir = self.any(), self.any()
        if key is None:
            return
        children = self.model.children(key)
        target = Category.objects.get(pk=heir) if heir else None
        if heir is None and children:
            with pytest.raises(CategoryNotEmpty):
                services.delete_category(category_id=key)
            return
        if heir is not None and (
            key in self.model.path(heir)
            or not all(self.model.fits(child, heir) for child in children)
        ):
            with pytest.raises(InvalidMove):
                services.delete_category(category_id=key, reassign_to=target)
            return
        services.delete_category(category_id=key, reassign_to=target)
        for child in children:
            self.model.living[child] = heir
        self.model.delete(key)

    def restore(self) -> None:
        if not self.model.former:
            return
        key = self.chance.choice(list(self.model.former))
        parent = self.model.restored_below(key)
        if len(self.model.path(parent)) >= MAXIMUM_DEPTH:
            with pytest.raises(InvalidMove):
                services.restore_category(category_id=key)
            return
        services.restore_category(category_id=key)
        del self.model.former[key]
        self.model.living[key] = parent


def paths() -> dict[UUID, list[UUID]]:
    """Return the paths that readers are shown."""
    shown = orjson.loads(category_documents(None, media=""))
    return {UUID(node["id"]): [UUID(step["id"]) for step in node["path"]] for node in shown}


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def answers(manager: APIClient) -> Iterator[tuple[str, int]]:
    """Read the tree, the products of a category and the export."""
    some = Category.objects.order_by("?").first()
    yield "tree", manager.get(f"{API}/categories/tree/").status_code
    if some is not None:
        yield "category", manager.get(f"{API}/products/", {"category": some.slug}).status_code
    export = manager.get(f"{API}/products/export/")
    assert body_of(export)
    yield "export", export.status_code


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
def test_is_what_the_parents_say_after_any_operation(manager: APIClient, seed: int) -> None:
    gardener = Gardener(seed)
    for number in range(OPERATIONS):
        gardener.work()

        model = gardener.model
        assert paths() == {key: model.path(key) for key in model.living}
        assert discrepancies("catalog") == []
        if number % 20 == 0:
            if home := gardener.any():
                ProductFactory.create(category=Category.objects.get(pk=home)).delete()
            assert {status for _, status in answers(manager)} == {200}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_keeps_its_shape_under_eight_at_once() -> None:
    roots = [CategoryFactory.create() for _ in range(4)]
    nodes = [category.pk for category in roots]
    nodes += [CategoryFactory.create(parent=parent).pk for parent in roots for _ in range(3)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(disturb, [nodes] * 8, range(8)))

    assert discrepancies("catalog") == []
    parents = Parents()
    parents.living = dict(Category.objects.values_list("pk", "parent_id"))
    assert paths() == {key: parents.path(key) for key in parents.living}


def disturb(nodes: list[UUID], seed: int) -> None:
    """Move, rename, delete, restore and fill the same categories as seven others do."""
    chance = random.Random(seed)
    try:
        for number in range(max(12, OPERATIONS // 10)):
            key, target = chance.sample(nodes, 2)
            try:
                place = Category.objects.filter(pk=target).first()
                product = Product.all_objects.order_by("?").first()
                match chance.randrange(8):
                    case 0:
                        services.create_category(fields={"name": f"{seed}", "parent": place})
                    case 1:
                        services.delete_category(category_id=key, reassign_to=place)
                    case 2:
                        services.restore_category(category_id=key)
                    case 3:
                        fields: Any = {"name": f"Of {seed}", "category": Category(pk=key)}
                        variant: Any = {"sku": f"S-{seed}-{number}", "price": Decimal(1)}
                        services.create_product(fields=fields, variants=[variant])
                    case 4 if product and place:
                        services.update_product(product_id=product.pk, changes={"category": place})
                    case 5 if product:
                        services.delete_product(product_id=product.pk)
                        services.restore_product(product_id=product.pk)
                    case 6 if product:
                        edit = BulkEdit(category=place, percent=Decimal(1))
                        services.edit_products(product_ids=[product.pk], edit=edit)
                    case _:
                        position = chance.choice(POSITIONS)
                        services.move_category(category_id=key, target=place, position=position)
                        services.update_category(category_id=key, changes={"name": f"by {seed}"})
            except DomainError:
                continue
    finally:
        connection.close()


def test_forgets_a_deleted_sibling(manager: APIClient) -> None:
    made: dict[str, str] = {}
    for name, parent in (("Music", None), ("Books", None), ("Vinyl", "Music"), ("Sheets", "Music")):
        data = {"name": name, "parent": parent and made[parent]}
        made[name] = manager.post(f"{API}/categories/", data, format="json").json()["id"]
    ProductFactory.create(category=Category.objects.get(slug="sheets"))

    assert manager.delete(f"{API}/categories/vinyl/").status_code == 204
    sheets = manager.get(f"{API}/categories/sheets/").json()
    assert [step["name"] for step in sheets["path"]] == ["Music", "Sheets"]

    manager.post(f"{API}/categories/sheets/move/", {"parent": "books"})
    export = manager.get(f"{API}/products/export/")
    assert b"Books > Sheets" in body_of(export)
    assert discrepancies("catalog") == []


def test_restores_a_category_below_its_former_parent_or_the_nearest_that_is_left() -> None:
    books = CategoryFactory.create(slug="books")
    novels = CategoryFactory.create(slug="novels", parent=books)
    crime = CategoryFactory.create(slug="crime", parent=novels)
    for category in (crime, novels):
        services.delete_category(category_id=category.pk)

    assert services.restore_category(category_id=crime.pk).parent == books
    assert services.restore_category(category_id=novels.pk).parent == books
    services.delete_category(category_id=crime.pk)
    assert services.restore_category(category_id=crime.pk).parent == books
    with pytest.raises(NotFound):
        services.restore_category(category_id=crime.pk)
    assert discrepancies("catalog") == []


def test_restores_nothing_whose_slug_is_taken() -> None:
    old = CategoryFactory.create(slug="books", parent=CategoryFactory.create())
    services.delete_category(category_id=old.pk)
    CategoryFactory.create(slug="books")

    with pytest.raises(SlugTaken):
        services.restore_category(category_id=old.pk)

    assert Category.all_objects.get(pk=old.pk).deleted_at is not None
    assert discrepancies("catalog") == []


def test_files_a_restored_product_under_a_category_that_lives() -> None:
    product = ProductFactory.create()
    services.delete_product(product_id=product.pk)
    services.delete_category(category_id=product.category_id)

    assert services.restore_product(product_id=product.pk).category.slug == "uncategorized"
    assert discrepancies("catalog") == []


def test_files_nothing_under_a_category_that_was_deleted_meanwhile() -> None:
    stale, product = CategoryFactory.create(), ProductFactory.create()
    services.delete_category(category_id=stale.pk)
    variant: Any = {"sku": "E1", "price": Decimal(1), "currency": "USD"}

    with pytest.raises(InvalidInput) as refusal:
        services.create_product(fields={"name": "Emma", "category": stale}, variants=[variant])
    assert refusal.value.pointer == "#/category"
    with pytest.raises(InvalidInput):
        services.update_product(product_id=product.pk, changes={"category": stale})

    assert not Product.objects.filter(category=stale).exists()


@pytest.mark.parametrize("corruption", [{"rght": 4}, {"lft": 4, "rght": 5}, {"level": 0}])
def test_takes_no_bounds_that_are_anothers(corruption: dict[str, int]) -> None:
    parent = CategoryFactory.create()
    child = CategoryFactory.create(parent=parent)
    CategoryFactory.create(parent=parent)

    Category.objects.filter(pk=child.pk).update(**corruption)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()

    Category.objects.filter(pk=child.pk).update(lft=2, rght=3, level=1)


def test_takes_no_deletion_that_leaves_the_row_in_the_tree() -> None:
    child = CategoryFactory.create(parent=CategoryFactory.create())

    with pytest.raises(IntegrityError), transaction.atomic():
        Category.objects.filter(pk=child.pk).update(deleted_at="2026-01-01T00:00:00Z")


def test_restores_categories_in_the_backoffice(client: Client) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    parent = CategoryFactory.create()
    child = CategoryFactory.create(parent=parent)
    for category in (child, parent):
        services.delete_category(category_id=category.pk)

    data = {"action": "restore", "_selected_action": [str(child.pk), str(parent.pk)]}
    client.post(reverse("admin:catalog_category_changelist") + "?deleted=only", data)

    assert Category.objects.get(pk=child.pk).parent == parent
    assert discrepancies("catalog") == []


def test_moves_a_root_past_deleted_ones_in_the_backoffice(client: Client) -> None:
    client.force_login(StaffFactory.create(role="Catalog manager"))
    first, gone, last = (CategoryFactory.create() for _ in range(3))
    services.delete_category(category_id=gone.pk)

    data = {"action": "move_up", "_selected_action": [str(last.pk)]}
    client.post(reverse("admin:catalog_category_changelist"), data)

    assert list(Category.objects.order_by("tree_id")) == [last, first]


def test_repairs_what_earlier_versions_left() -> None:
    with connection.cursor() as cursor:
        for name in ("deleted_category_has_left_the_tree", "branches_do_not_overlap"):
            cursor.execute(f"ALTER TABLE catalog_category DROP CONSTRAINT {name}")
    music, books = CategoryFactory.create(slug="music"), CategoryFactory.create(slug="books")
    vinyl = CategoryFactory.create(slug="vinyl", parent=music)
    lost = CategoryFactory.create(slug="lost", parent=vinyl)
    sheets = CategoryFactory.create(slug="sheets", parent=music)
    ring = CategoryFactory.create(slug="ring", parent=books)
    below = CategoryFactory.create(slug="below", parent=ring)
    rows = Category.all_objects
    rows.filter(pk=vinyl.pk).update(deleted_at="2026-01-01T00:00:00Z", lft=2, rght=3)
    rows.filter(pk=sheets.pk).update(lft=2, rght=3, level=4)
    rows.filter(pk=ring.pk).update(parent=below)
    assert discrepancies("catalog") != []

    migration = ("catalog", "0019_living_tree")
    state = MigrationExecutor(connection).loader.project_state(migration)
    with connection.schema_editor() as editor:
        import_module(".".join(("catalog", "migrations", migration[1]))).rebuild(state.apps, editor)

    assert discrepancies("catalog") == []
    parents = dict(rows.values_list("slug", "parent__slug"))
    assert parents.pop("ring") in {None, "below"}
    assert parents.pop("below") in {None, "ring"}
    assert parents == {
        "music": None,
        "books": None,
        "vinyl": None,
        "lost": "music",
        "sheets": "music",
    }
    assert rows.get(pk=vinyl.pk).former_parent == music
    services.restore_category(category_id=vinyl.pk)
    assert rows.get(pk=lost.pk).level == 1
