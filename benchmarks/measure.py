"""``make measure``: how the code is built, in figures."""

from __future__ import annotations

import ast
import re
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
PLACE_ORDER = "orders.api.views"

Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def app(self) -> str:
        return self.path.parts[0]

    @property
    def module(self) -> str:
        return ".".join(self.path.with_suffix("").parts).removesuffix(".__init__")

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, Function)]

    def count(self, pattern: str) -> int:
        return len(re.findall(pattern, self.text))


def sources(root: Path = ROOT) -> list[Source]:
    """All files of the project that are neither tests nor migrations."""
    found = []
    for path in sorted(root.rglob("*.py")):
        inner = path.relative_to(root)
        is_own = not inner.parts[0].startswith(".") and len(inner.parts) > 1
        if is_own and not {"tests", "migrations", "docs", "node_modules"} & set(inner.parts):
            found.append(Source(inner, path.read_text("utf-8")))
    return found


def figures(files: list[Source]) -> dict[str, str]:
    lines = sum(file.lines for file in files)
    sizes = [size for file in files for function in file.functions if (size := _length(function))]
    lines_by_app: Counter[str] = Counter()
    for file in files:
        lines_by_app[file.app] += file.lines
    (biggest, most), *_others = lines_by_app.most_common(1)
    used_once = _helpers_used_once(files)
    raw_sql = sum(file.count(r"cursor\.execute\(|RawSQL\(|\.raw\(") for file in files)
    return {
        "import rings between apps": str(len(_rings(files))),
        "lines of a file: median, max": _of([file.lines for file in files], with_p90=False),
        "lines of a function: median, p90, max": _of(sizes),
        "private helpers used once, of all functions": f"{used_once / len(sizes):.0%}",
        "docstrings, of all lines": f"{_docstring_lines(files) / lines:.1%}",
        "raw SQL outside database/ and migrations/": f"{raw_sql} sites",
        "type: ignore": str(sum(file.count(r"# type: ignore") for file in files)),
        "noqa": str(sum(file.count(r"# noqa") for file in files)),
        "biggest app, of all lines": f"{biggest} {most / lines:.0%}",
        "own modules that the view of POST /orders/ imports": str(
            len(_reached(files, PLACE_ORDER))
        ),
    }


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _of(sizes: list[int], *, with_p90: bool = True) -> str:
    p90 = [int(statistics.quantiles(sizes, n=10)[-1])] if with_p90 else []
    return ", ".join(str(size) for size in (int(statistics.median(sizes)), *p90, max(sizes)))


def _helpers_used_once(files: list[Source]) -> int:
    """How many functions are private to their module and named there only once besides."""
    used_once = 0
    for file in files:
        uses = Counter(re.findall(r"\w+", file.text))
        definitions = Counter(function.name for function in file.functions)
        used_once += sum(
            name.startswith("_") and not name.startswith("__") and uses[name] - times == 1
            for name, times in definitions.items()
        )
    return used_once


def _docstring_lines(files: list[Source]) -> int:
    total = 0
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, Documented) and ast.get_docstring(node) is not None:
                text = node.body[0]
                total += (text.end_lineno or text.lineno) - text.lineno + 1
    return total


def _imports(file: Source, modules: set[str]) -> set[str]:
    """The own modules that a file names at its top, a package's by the module that it means."""
    found = set()
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & modules


def _rings(files: list[Source]) -> set[frozenset[str]]:
    """The pairs of apps that import each other, be it through others."""
    apps = {file.app for file in files}
    modules = {file.module for file in files}
    below = {app: set[str]() for app in apps}
    for file in files:
        below[file.app] |= {module.partition(".")[0] for module in _imports(file, modules)}
    for middle in apps:
        for app in apps:
            if middle in below[app]:
                below[app] |= below[middle]
    return {
        frozenset((app, other))
        for app in apps
        for other in below[app]
        if app != other and app in below[other]
    }


def _reached(files: list[Source], start: str) -> set[str]:
    """The modules that are imported, directly or not, by the view that places an order."""
    by_module = {file.module: file for file in files}
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        module = waiting.pop()
        if module in by_module and module not in reached:
            reached.add(module)
            waiting.extend(_imports(by_module[module], set(by_module)))
    return reached


def table() -> Table:
    shown = Table("Figure", "Code")
    for name, value in figures(sources()).items():
        shown.add_row(name, value)
    return shown


if __name__ == "__main__":
    Console().print(table())
