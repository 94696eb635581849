"""The database engine ``config.tests.database``."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.color import Style
from django.db.backends.postgresql import operations

from core.postgresql import base


class DatabaseOperations(operations.DatabaseOperations):
    """Empties tables by DELETE: TRUNCATE makes new files for each table and each of its indexes."""

    def sql_flush(
        self,
        style: Style,
        tables: Sequence[str],
        *,
        reset_sequences: bool = False,
        allow_cascade: bool = False,
    ) -> list[str]:
        """Return what empties the tables in any order, past foreign keys and triggers."""
        if reset_sequences or not tables:
            return super().sql_flush(
                style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
            )
        deletions = [f"DELETE FROM {self.quote_name(table)}" for table in tables]  # noqa: S608 - quoted
        return ["; ".join(["SET LOCAL session_replication_role = replica", *deletions])]


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
