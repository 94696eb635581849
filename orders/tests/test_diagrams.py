"""The state diagrams are what the transition tables say."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from orders import diagrams


def test_the_document_is_up_to_date() -> None:
    assert diagrams.DOCUMENT.read_text("utf-8") == diagrams.document(), (
        "run `manage.py state_diagrams`"
    )


def test_the_diagrams_tell_who_may_take_which_step() -> None:
    lines = [line.strip() for line in diagrams.document().splitlines()]

    assert "pending --> paid: payment" in lines
    assert "paid --> cancelled: customer or staff [nothing shipped]" in lines
    assert "refunded --> [*]" in lines
    assert "requested --> approved: staff" in lines
    assert "pending --> shipped: staff" not in lines


def test_the_command_writes_the_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagrams, "DOCUMENT", tmp_path / "states.md")

    call_command("state_diagrams")

    assert (tmp_path / "states.md").read_text("utf-8") == diagrams.document()
