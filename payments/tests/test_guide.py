"""The guide for frontends tells every error and every token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import DomainError
from payments.gateways.base import Capability
from payments.gateways.test import OUTCOMES
from payments.models import Finding, PaymentStatus
from payments.services import statements

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "guides" / "payments.md").read_text("utf-8")


def errors_of_payments(base: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    for error in base.__subclasses__():
        # Those of the daily report are seen by staff in words, not by frontends as codes.
        if error.__module__.startswith("payments.") and error.__module__ != statements.__name__:
            yield error
        yield from errors_of_payments(error)


@pytest.mark.parametrize("code", sorted({error.code for error in errors_of_payments()}))
def test_tells_what_every_error_means(code: str) -> None:
    assert f"`{code}`" in GUIDE.partition("## Errors")[2].partition("\n## ")[0] or (
        code == "invalid_signature" and f"`{code}`" in GUIDE
    )


@pytest.mark.parametrize("word", [*OUTCOMES, *PaymentStatus.values])
def test_tells_every_token_and_status(word: str) -> None:
    assert f"`{word}`" in GUIDE


@pytest.mark.parametrize("finding", Finding)
def test_tells_every_finding(finding: Finding) -> None:
    assert f"| {finding.label} |" in GUIDE


def test_diagrams_have_no_semicolon_which_would_end_a_line() -> None:
    diagrams = GUIDE.split("```mermaid")[1:]

    assert len(diagrams) >= 7
    assert not [diagram for diagram in diagrams if ";" in diagram.partition("```")[0]]


@pytest.mark.parametrize("capability", [Capability.FEES, Capability.STATEMENTS])
def test_the_how_to_tells_what_is_missing_without_a_capability(capability: Capability) -> None:
    assert f"`{capability.name}`" in (DOCS / "howto" / "add_a_gateway.md").read_text("utf-8")
