"""What ``<app>/database/*.sql`` define is what the database holds, no more and no less."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.django_db

FILES = sorted(Path(settings.BASE_DIR).glob("*/database/*.sql"))

# Those of extensions and of the job queue, which is a library, are not ours.
FUNCTIONS = """
    SELECT oid::regprocedure::text, pg_get_functiondef(oid), obj_description(oid, 'pg_proc')
    FROM pg_proc AS function
    WHERE pronamespace = 'public'::regnamespace AND proname NOT LIKE 'procrastinate%%'
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = function.oid AND deptype = 'e')"""
TRIGGERS = """
    SELECT tgname || ' of ' || tgrelid::regclass, pg_get_triggerdef(oid)
    FROM pg_trigger
    WHERE NOT tgisinternal AND tgrelid::regclass::text NOT LIKE 'procrastinate%%'"""


def held() -> dict[str, tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        functions = {name: definition for name, *definition in cursor.fetchall()}
        cursor.execute(TRIGGERS)
        return functions | {name: definition for name, *definition in cursor.fetchall()}


def dropped() -> None:
    """Drop all triggers, so that only the files can bring them back."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger
            WHERE NOT tgisinternal AND tgrelid::regclass::text NOT LIKE 'procrastinate%'
            """
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)


def run_all() -> None:
    with connection.cursor() as cursor:
        for path in FILES:
            cursor.execute(path.read_text("utf-8"))


def test_files_define_what_the_database_holds() -> None:
    before = held()
    dropped()

    run_all()

    assert held() == before


def test_each_function_has_a_file_of_its_name() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        functions = [signature.partition("(")[0] for signature, *_ in cursor.fetchall()]

    assert Counter(functions) - Counter(path.stem for path in FILES) == Counter()
