"""The stored history as values for the check, and what every page should show now."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from console.streams.customer import CustomerPage
from console.streams.registry import named
from handoffs import addresses
from handoffs.models import Agent, Conversation, Handoff, ProposalRecord, Step, Turn
from handoffs.states import OPEN
from tests.faults.picture import Wanted
from tests.faults.stored import Stored, StoredHandoff, StoredStep, StoredTurn

# What has just become due will be looked at by the next sweep; /readyz is red when that is later.
SWEEPING = timedelta(seconds=15)


def stored() -> Stored:
    """All of one moment: the product goes on meanwhile. Raises django.db.DatabaseError."""
    with _one_moment():
        return _stored()


def _stored() -> Stored:
    turns = Turn.objects.order_by("conversation_id", "number").values_list("conversation_id", "number", "author", "client_id", "text", "kind", "at")
    proposals = Counter((str(conversation), client_id) for conversation, client_id in ProposalRecord.objects.values_list("conversation_id", "client_id"))
    return Stored(
        now=timezone.now() - SWEEPING,
        conversations={str(key): last for key, last in Conversation.objects.values_list("pk", "last_number")},
        begun=[(str(key), name) for key, name in Conversation.objects.values_list("pk", "external_id")],
        turns=[StoredTurn(str(key), *rest) for key, *rest in turns],
        proposals=dict(proposals), steps=_steps(), handoffs=_handoffs(), capacity=dict(Agent.objects.values_list("username", "capacity")),
    )


def unsettled() -> int:
    """Open handoffs that are due by now."""
    return Handoff.objects.filter(state__in=OPEN, due_at__lte=timezone.now()).count()


def wanted(pages: list[tuple[list[str], str]]) -> list[Wanted]:
    """What pages should show, each given by the names of its streams or the token of a customer's page. Raises django.db.DatabaseError."""
    streams = {name: named(name) for names, _ in pages for name in names}
    parts = {name: stream.parts() for name, stream in streams.items()}
    return [_of_customer(token) if token else _of_agent(names, parts) for names, token in pages]


@contextmanager
def _one_moment() -> Iterator[None]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _of_customer(token: str) -> Wanted:
    key = addresses.read(token)
    return CustomerPage(key.hex).parts(), _numbers(key)


def _of_agent(names: list[str], parts: Mapping[str, Mapping[str, str]]) -> Wanted:
    desks = [name.partition(":")[2] for name in names if name.startswith("desk:")]
    numbers = [_numbers(Handoff.objects.values_list("conversation_id", flat=True).get(pk=key)) for key in desks]
    return {key: html for name in names for key, html in parts[name].items()}, numbers[0] if numbers else None


def _numbers(conversation: object) -> list[int]:
    return list(Turn.objects.filter(conversation_id=conversation).order_by("number").values_list("number", flat=True))


def _steps() -> list[StoredStep]:
    columns = ("handoff_id", "handoff__conversation_id", "verb", "agent__username", "from_state", "to_state", "epoch", "detail__due")
    rows = Step.objects.order_by("id").values_list(*columns)
    return [StoredStep(str(handoff), str(conversation), verb, agent or "", *rest, due or "") for handoff, conversation, verb, agent, *rest, due in rows]


def _handoffs() -> list[StoredHandoff]:
    owned = Handoff.objects.annotate(owner=F("conversation__owner"))
    rows = owned.values_list("pk", "conversation_id", "state", "agent__username", "due_at", "owner", "weight")
    return [StoredHandoff(str(key), str(conversation), state, agent or "", *rest) for key, conversation, state, agent, *rest in rows]
