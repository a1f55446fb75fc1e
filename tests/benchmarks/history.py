"""Closed handoffs by the thousand or million, made by the database itself from one that is real."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta

from django.db import connection, models
from django.utils import timezone

from handoffs.models import Agent, Assistant, Conversation, Customer, Handoff, Team
from handoffs.snapshots import Brief, Feeling, Sentence
from handoffs.states import Owner, State

WORDS = Sentence(text="Amara was charged twice for order A-20817, €14 each.")
BRIEF = Brief(goal="Have the second charge refunded", sentences=(WORDS,), feeling=Feeling(tension=(0.2, 0.4)))
APART = 600  # seconds between two arrivals, so that a week has the same thousand whatever came before
# From so many on, indexes are built once instead of row by row.
MANY = 50_000


def closed(count: int) -> None:
    """So many handoffs that are over, an arrival every APART seconds back from now, shared among the teams and agents there are."""
    first = _original()
    past = Handoff.objects.count()
    shared = {"team_id": _one_of(Team), "agent_id": _one_of(Agent)}
    times = _moved("created_at", "waiting_since", "rank_at", "promise_due_at", "claimed_at", "first_reply_at", "resolved_at", "ended_at")
    with _without_indexes() if count >= MANY else nullcontext():
        talked = _moved("created_at", "last_turn_at", "closed_at")
        _copies(Conversation, first.conversation, {"id": _key("n"), "external_id": _text("n"), **talked}, past, count)
        _copies(Handoff, first, {"id": _key("n"), "conversation_id": _key("n"), **shared, **times}, past, count)
    _look()


def lined_up(count: int) -> None:
    """So many handoffs that wait with the general team, a second apart, far from due."""
    first = Handoff.objects.filter(state=State.WAITING).select_related("conversation").first() or _original(waits=True)
    before = Handoff.objects.filter(state=State.WAITING).count()
    times = _moved("created_at", "waiting_since", "rank_at", apart=1)
    _copies(Conversation, first.conversation, {"id": _key("-n"), "external_id": _text("-n")}, before, count - (before == 1))
    _copies(Handoff, first, {"id": _key("-n"), "conversation_id": _key("-n"), **times}, before, count - (before == 1))
    _look()


def _look() -> None:
    """Let the database count, as it does by itself on a machine that runs for days."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.in_atomic_block or connection.vendor == "sqlite" else "VACUUM ANALYZE")


@contextmanager
def _without_indexes() -> Iterator[None]:
    """Meanwhile the two tables have none of the indexes their models name."""
    indexes = [(model, index) for model in (Conversation, Handoff) for index in model._meta.indexes]
    with connection.schema_editor(atomic=False) as editor:
        for model, index in indexes:
            editor.remove_index(model, index)
    yield
    with connection.schema_editor(atomic=False) as editor:
        for model, index in indexes:
            editor.add_index(model, index)


def _original(*, waits: bool = False) -> Handoff:
    """A real one that waits, or is over, with all that one has."""
    name, team = "waits" if waits else "original", Team.objects.get(general=True)
    found = Handoff.objects.filter(conversation__external_id=name).select_related("conversation").first()
    if found:
        return found
    juniper, _ = Assistant.objects.get_or_create(code="juniper", defaults={"name": "Juniper"})
    customer = Customer.objects.create(assistant=juniper, external_id=name, name="Amara Osei")
    owner = {"owner": Owner.TEAM, "team": team} if waits else {"owner": Owner.NOBODY}
    conversation = Conversation.objects.create(assistant=juniper, answered_by=juniper, customer=customer, external_id=name, last_number=14, **owner)
    now = timezone.now()
    return Handoff.objects.create(
        conversation=conversation, team=team, trigger="explicit_request", reason="Asked for a person", brief=BRIEF.model_dump(mode="json"), goal=BRIEF.goal,
        detections=[{"trigger": "explicit_request", "reason": "Asked for a person", "evidence": {}}], rank_at=now,
        promise_due_at=now + timedelta(minutes=5), **({"due_at": now + timedelta(days=1)} if waits else _over(now)),
    )


def _over(now: datetime) -> dict[str, object]:
    return {
        "state": State.CLOSED, "agent": Agent.objects.order_by("pk")[0], "claimed_at": now + timedelta(seconds=90), "resolution": "Refunded €14",
        "first_reply_at": now + timedelta(seconds=120), "resolved_at": now + timedelta(minutes=9), "ended_at": now + timedelta(minutes=10),
    }


def _copies(model: type[models.Model], original: models.Model, changed: dict[str, str], past: int, count: int) -> None:
    """Copy the original's row for each n from past + 1 to past + count, with `changed` columns as expressions of n."""
    columns = [field.column for field in model._meta.concrete_fields]
    wanted = ", ".join(changed.get(column, f'"{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table, pk = model._meta.db_table, model._meta.pk.get_db_prep_value(original.pk, connection)
    numbers = "SELECT generate_series(%s, %s) AS n"
    if connection.vendor == "sqlite":
        numbers = "WITH RECURSIVE s(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM s WHERE n < %s) SELECT n FROM s"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET statement_timeout = 0")
        cursor.execute(f'INSERT INTO {table} ({names}) SELECT {wanted} FROM {table} CROSS JOIN ({numbers}) AS numbers WHERE "id" = %s',
                       [past + 1, past + count, pk])


def _key(n: str) -> str:
    """A UUID of its own for each n, in no order."""
    if connection.vendor == "sqlite":
        return f"printf('%%08x%%024x', ({n} * 2654435761) & 4294967295, {n})"
    return f"(lpad(to_hex(({n}::bigint * 2654435761) & 4294967295), 8, '0') || lpad(to_hex({n}), 24, '0'))::uuid"


def _text(n: str) -> str:
    return f"'past' || ({n})"


def _one_of(model: type[models.Model]) -> str:
    """One of the rows there are, in turn."""
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    return f"(CASE n %% {len(keys)} " + " ".join(f"WHEN {at} THEN {key}" for at, key in enumerate(keys)) + " END)"


def _moved(*columns: str, apart: int = APART) -> dict[str, str]:
    """The same moments, n times `apart` seconds earlier."""
    if connection.vendor == "sqlite":
        return {column: f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', \"{column}\", '-' || (n * {apart}) || ' seconds')" for column in columns}
    return {column: f"\"{column}\" - n * interval '{apart} seconds'" for column in columns}
