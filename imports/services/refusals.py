from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RowError:
    """Why a row was refused: where, what was there, and what is wrong with it."""

    line: int
    column: str
    value: str
    code: str
    detail: str


class RefusedCell(Exception):
    def __init__(self, code: str, detail: str, column: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.column = column
