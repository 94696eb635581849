"""No app names a table of a floor above its own, not even in SQL."""

from __future__ import annotations

import re
import tomllib

import pytest
from django.apps import apps
from django.conf import settings

ROOT = settings.BASE_DIR
_SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
_LAYERS: list[str] = _SETTINGS["tool"]["importlinter"]["contracts"][0]["layers"]
FLOORS = [[app.strip() for app in layer.split("|")] for layer in reversed(_LAYERS)]


def tables_of(app: str) -> list[str]:
    if not apps.is_installed(app):
        return []
    return [model._meta.db_table for model in apps.get_app_config(app).get_models()]


@pytest.mark.parametrize("floor", range(len(FLOORS)), ids=map(" ".join, FLOORS))
def test_no_app_names_a_table_of_a_higher_floor(floor: int) -> None:
    higher = [
        table for apps_of in FLOORS[floor + 1 :] for app in apps_of for table in tables_of(app)
    ]
    if not higher:
        return
    named = re.compile(rf"\b({'|'.join(higher)})\b")
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for app in FLOORS[floor]
        for kind in ("*.py", "*.sql")
        for path in (ROOT / app).rglob(kind)
        if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
        for match in named.finditer(path.read_text())
    ]
    assert found == []
