"""Migrations of a database that is full."""

import pytest
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection


def limit() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_migration_may_take_as_long_as_its_rows_need() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite ends no statement for its time")
    emit_pre_migrate_signal(0, False, "default")
    meanwhile = limit()
    emit_post_migrate_signal(0, False, "default")
    assert (meanwhile, limit()) == ("0", "10s")
