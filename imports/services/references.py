"""Categories and brands that rows name: found, or made once it is known that rows are taken."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from catalog.models import Brand, Category
from catalog.services.brands import create_brand
from catalog.services.categories import create_category
from imports.services.rows import category_name

Path = tuple[str, ...]


class Categories:
    """The tree by paths of names; several categories may have the same path."""

    def __init__(self) -> None:
        self._by_path: dict[Path, list[UUID]] = {}
        paths: dict[UUID | None, Path] = {None: ()}
        rows = Category.objects.order_by("tree_id", "lft").values_list("pk", "parent_id", "name")
        for key, parent, name in rows:
            paths[key] = (*paths.get(parent, ()), category_name(name))
            self._by_path.setdefault(paths[key], []).append(key)

    def at(self, path: Path) -> list[UUID]:
        """Return the categories at the end of a path, making what is missing."""
        if path not in self._by_path:
            parent = Category.objects.get(pk=self.at(path[:-1])[0]) if len(path) > 1 else None
            made = create_category(fields={"name": path[-1], "parent": parent})
            self._by_path[path] = [made.pk]
        return self._by_path[path]


def brands(names: Collection[str]) -> dict[str, UUID]:
    """Return the brands of these names, making those that are missing."""
    rows = Brand.objects.all().values_list("name", "pk")
    known = {name: key for name, key in rows if name in names}
    for name in sorted(set(names) - known.keys()):
        known[name] = create_brand(fields={"name": name}).pk
    return known
