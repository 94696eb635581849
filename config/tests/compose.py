"""Reads docker-compose.yml and the Dockerfile as Docker would, for tests on machines without it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])((?:[^${}]|\$\{[^{}]*\})*))?\}")


def env_file(text: str) -> dict[str, str]:
    """Return what a ``.env`` sets."""
    return dict(re.findall(r"^([A-Z0-9_]+)=(.*)$", text, re.MULTILINE))


def interpolated(text: str, variables: Mapping[str, str]) -> str:
    """Replace ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?message}``, nested ones too."""

    def value_of(found: re.Match[str]) -> str:
        name, kind, otherwise = found.groups()
        if variables.get(name):
            return variables[name]
        if kind == "?":
            raise LookupError(f"{name}: {otherwise}")
        return interpolated(otherwise or "", variables)

    return _VARIABLE.sub(value_of, text)


def services(variables: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    compose: dict[str, dict[str, Any]] = yaml.safe_load(interpolated(text, variables))
    return compose["services"]


def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text("utf-8")


def image_environment() -> dict[str, str]:
    """Return the variables that the last stage of the image sets."""
    last_stage = dockerfile().rpartition("\nFROM ")[2]
    [block] = re.findall(r"^ENV ((?:.*\\\n)*.*)$", last_stage, re.MULTILINE)
    return dict(re.findall(r"(\w+)=(\S+)", block))


def main_command() -> list[str]:
    return exec_form(r"^CMD (\[.*\])$")


def health_check() -> list[str]:
    return exec_form(r"^HEALTHCHECK .*\\\n +CMD (\[.*\])$")


def exec_form(pattern: str) -> list[str]:
    [arguments] = re.findall(pattern, dockerfile(), re.MULTILINE)
    command: list[str] = json.loads(arguments)
    return command


def path_to(folder: Path) -> str:
    """Return a PATH on which ``folder`` comes first."""
    return f"{folder}{os.pathsep}{os.environ['PATH']}"
