"""The database engine ``config.tests.database``."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.management.color import Style
from django.db.backends.postgresql import operations

from config.tests.database.creation import DatabaseCreation
from core.postgresql import base

# Past foreign keys and triggers. What a large test left is not deleted row by row: every later
# deletion would read the dead rows again.
_EMPTY = """
    DO $$
    DECLARE name text;
    BEGIN
      SET LOCAL session_replication_role = replica;
      FOREACH name IN ARRAY ARRAY[{names}] LOOP
        IF pg_relation_size(name::regclass) > {large} THEN
          EXECUTE format('TRUNCATE %s CASCADE', name);
        ELSE
          EXECUTE format('DELETE FROM %s', name);
        END IF;
      END LOOP;
    END $$
"""
_LARGE = 256 * 1024  # bytes

# Roles and their permissions, as they are after the migrations; see conftest.py.
_KEPT = {"auth_group", "auth_group_permissions", "auth_permission", "django_content_type"}


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
        """Return what empties all tables but those of the roles, in any order."""
        if reset_sequences or not tables:
            return super().sql_flush(
                style, tables, reset_sequences=reset_sequences, allow_cascade=allow_cascade
            )
        names = ", ".join(f"'{self.quote_name(table)}'" for table in {*tables} - _KEPT)
        return [_EMPTY.format(names=names, large=_LARGE)]


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
    ops_class = DatabaseOperations
