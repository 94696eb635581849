"""What the checks say of the database."""

from typing import Self

import pytest

from core.checks import letters_are_known


class Answering:
    """A database of some locale."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def cursor(self) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def execute(self, sql: str) -> None:
        assert "datctype" in sql

    def fetchone(self) -> tuple[str]:
        return (self.locale,)


@pytest.mark.parametrize(("locale", "count"), [("C", 1), ("POSIX", 1), ("en_US.utf8", 0)])
def test_tells_of_a_database_that_knows_ascii_letters_only(
    monkeypatch: pytest.MonkeyPatch, locale: str, count: int
) -> None:
    monkeypatch.setattr("core.checks.connections", {"default": Answering(locale)})

    assert len(letters_are_known(databases=["default"])) == count
    assert letters_are_known() == []
