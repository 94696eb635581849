"""The rules of the house that no linter knows: layout, size, names, docstrings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "accounts",
    "catalog",
    "inventory",
    "listings",
    "imports",
    "pricing",
    "shipping",
    "cart",
    "orders",
    "payments",
    "notifications",
)
TOP_LEVEL = {
    *APPS,
    "demo",
    "config",
    "core",
    "benchmarks",
    "docs",
    "templates",
}
MAXIMUM_FILE_LINES = 400
MAXIMUM_FUNCTION_LINES = 60
VAGUE_NAMES = {"utils", "helpers", "misc", "common", "tools", "stuff"}
ANATOMY = {
    "admin",
    "api",
    "apps",
    "audit",
    "events",
    "management",
    "migrations",
    "models",
    "selectors",
    "services",
    "tasks",
    "tests",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _sources(*folders: str) -> Iterator[Path]:
    for folder in folders or ("demo", "config", "core", *APPS, "benchmarks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(_tree(path)):
        if isinstance(node, Function):
            yield node


def _place(path: Path, node: ast.AST | None = None) -> str:
    line = f":{getattr(node, 'lineno', '')}" if node else ""
    return f"{path.relative_to(ROOT)}{line}"


def _layer(app: str, name: str) -> Iterator[Path]:
    single = ROOT / app / f"{name}.py"
    if single.exists():
        yield single
    yield from sorted((ROOT / app / name).rglob("*.py"))


def test_no_top_level_folder_is_unknown() -> None:
    found = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and any(path.rglob("*.py"))
    }

    assert found <= TOP_LEVEL, found - TOP_LEVEL


def test_no_file_is_too_long() -> None:
    long = {
        _place(path): lines
        for path in _sources()
        if (lines := len(path.read_text("utf-8").splitlines())) > MAXIMUM_FILE_LINES
    }

    assert long == {}


def test_no_function_is_too_long() -> None:
    long = [
        _place(path, function)
        for path in _sources()
        for function in _functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > MAXIMUM_FUNCTION_LINES
    ]

    assert long == []


def test_no_module_has_a_vague_name() -> None:
    assert [_place(path) for path in _sources() if path.stem in VAGUE_NAMES] == []


def test_what_a_loop_goes_over_has_a_name() -> None:
    nameless = [
        _place(path, node.target)
        for path in _sources()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.For | ast.comprehension) and ast.unparse(node.target) == "one"
    ]

    assert nameless == []


@pytest.mark.parametrize("app", APPS)
def test_services_are_keyword_only(app: str) -> None:
    exported = _exported(ROOT / app / "services" / "__init__.py")
    wrong = [
        _place(path, node)
        for path in _layer(app, "services")
        for node in _tree(path).body
        if isinstance(node, Function)
        and (node.name in exported if exported else not node.name.startswith("_"))
        and node.args.args
    ]

    assert wrong == []


def _exported(path: Path) -> set[str]:
    """Names that a package offers by ``__all__``; empty when it does not say."""
    if not path.exists():
        return set()
    return {
        str(name.value)
        for node in _tree(path).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List)
        for name in node.value.elts
        if isinstance(name, ast.Constant)
    }


@pytest.mark.parametrize("app", APPS)
def test_views_build_no_queries(app: str) -> None:
    queries = [
        _place(path, node)
        for path in _layer(app, "api")
        if _has_a_view(path)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "all_objects"}
        and not _is_empty_query_set(path, node)
    ]

    assert queries == []


def _has_a_view(path: Path) -> bool:
    bases = [
        ast.unparse(base)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    ]
    return any(re.search(r"View|ViewSet|Mixin", base) for base in bases)


def _is_empty_query_set(path: Path, node: ast.Attribute) -> bool:
    """Tell whether this is ``Model.objects.none()``, which only tells DRF the model."""
    line = path.read_text("utf-8").splitlines()[node.lineno - 1]
    return ".none()" in line


@pytest.mark.parametrize("app", APPS)
def test_models_order_nothing_by_default_and_name_their_relations_classes(app: str) -> None:
    wrong = []
    for path in _layer(app, "models"):
        for node in ast.walk(_tree(path)):
            is_ordering = isinstance(node, ast.Name) and node.id == "ordering"
            is_relation = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"ForeignKey", "OneToOneField", "ManyToManyField"}
                and isinstance(node.args[0], ast.Constant)
                and node.args[0].value != "self"
            )
            if is_ordering or is_relation:
                wrong.append(_place(path, node))

    assert wrong == []


def test_existing_rows_are_never_saved_whole() -> None:
    bare = [
        _place(path, node)
        for app in APPS
        for layer in ("services", "tasks")
        for path in _layer(app, layer)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "save"
        and not node.args
        and not node.keywords
    ]

    assert bare == []


def test_only_settings_read_the_environment() -> None:
    # The rest of ``config`` and ``demo`` hand the environment on to the processes they start.
    allowed = {"config/", "demo/"}
    readers = [
        _place(path, node)
        for path in _sources()
        if not any(_place(path).startswith(place) for place in allowed)
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and "tests" not in path.parts
        and "benchmarks" not in path.parts
    ]

    assert readers == []


def test_jobs_are_asked_for_in_the_transaction_that_needs_them() -> None:
    """By ``core.jobs``: procrastinate's app is for declaring them, and for the workers."""
    theirs = "from procrastinate.contrib.django import app"
    users = {
        str(path.relative_to(ROOT))
        for path in _sources()
        if path.name != "tasks.py" and "tests" not in path.parts and theirs in path.read_text()
    }

    assert users == {"core/jobs.py", "core/management/commands/worker.py"}
