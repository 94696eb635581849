"""What the documents name exists: files, names in the code, commands, targets of make."""

from __future__ import annotations

import re
from pathlib import Path
from pydoc import locate
from typing import Final

import pytest
from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.core.management import get_commands

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENTS: Final = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
PERMISSIONS: Final = {
    f"{model._meta.app_label}.{codename}"
    for model in apps.get_models()
    for codename in (
        *(
            get_permission_codename(action, model._meta)
            for action in model._meta.default_permissions
        ),
        *(codename for codename, _name in model._meta.permissions),
    )
}
FOLDERS: Final = {
    path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")
}


def _quoted(document: Path) -> list[str]:
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", document.read_text("utf-8"))


def _is_a_path(text: str) -> bool:
    return (
        bool(re.fullmatch(r"[\w.-]+(/[\w.-]+)+", text))
        and text.split("/", maxsplit=1)[0] in FOLDERS
    )


def _is_a_name(text: str) -> bool:
    return (
        bool(re.fullmatch(r"\w+(\.\w+)+(\(\))?", text))
        and text.split(".", maxsplit=1)[0] in FOLDERS
    )


def _is_known(name: str) -> bool:
    """Tell whether it is a file, something to import, a model, or a permission."""
    app, _, rest = name.partition(".")
    known = {model.__name__ for model in apps.get_models() if model._meta.app_label == app}
    module = ROOT / f"{name.replace('.', '/')}.py"
    is_file = (ROOT / name).exists() or module.exists()
    return is_file or rest in known or name in PERMISSIONS or locate(name) is not None


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_it_names_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    quoted = _quoted(document)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    commands = set(get_commands())

    files = [name for name in quoted if _is_a_path(name) and not (ROOT / name).exists()]
    names = [name for name in quoted if _is_a_name(name) and not _is_known(name.removesuffix("()"))]
    called = [name for name in re.findall(r"manage\.py ([a-z_]+)", text) if name not in commands]
    made = [name for name in re.findall(r"`make ([a-z]+)", text) if name not in targets]
    links = [
        link
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        if "://" not in link and not (document.parent / link).exists()
    ]

    assert (files, names, called, made, links) == ([], [], [], [], [])
