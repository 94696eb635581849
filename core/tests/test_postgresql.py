from __future__ import annotations

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_living_connection_is_usable_without_a_query() -> None:
    connection.ensure_connection()

    with CaptureQueriesContext(connection) as queries:
        assert connection.is_usable()

    assert len(queries) == 0


def test_a_connection_that_the_server_has_ended_is_not_usable() -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchall()[0]
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s::int, 5000)", [pid])

        assert not other.is_usable()
    finally:
        other.close()


def test_a_closed_connection_is_not_usable() -> None:
    other = connections.create_connection("default")

    assert not other.is_usable()
    other.ensure_connection()
    other.close()
    assert not other.is_usable()
