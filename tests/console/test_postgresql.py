"""What our PostgreSQL connections do beyond Django's."""

import pytest
from django.db import connection, transaction

from handoffs.models import Team
from handoffs.prepared import Prepared, together

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's connections"),
    pytest.mark.django_db(transaction=True),
]


def test_a_pooled_connection_that_the_server_ended_is_given_to_nobody() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (ended,) = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        connection.close()
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [ended])
    other.close()
    assert Team.objects.count() == 0


def test_the_transaction_begins_with_its_first_question_and_ends_as_any_other() -> None:
    everybody = Prepared(Team.objects.all)
    with transaction.atomic():
        together(everybody.asked(), everybody.asked())
        Team.objects.create(code="a", name="A", public_name="A")
        transaction.set_rollback(True)
    assert everybody.all() == []


def test_statements_are_planned_once_for_a_connection() -> None:
    names = Prepared(lambda: Team.objects.values_list("public_name", "code"))
    names.all()
    names.all()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ['SELECT "handoffs_team"."public_name"%'])
        assert cursor.fetchone() == (1,)
