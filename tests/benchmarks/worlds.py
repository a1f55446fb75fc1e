"""A database of the run's own with people, teams and recorded conversations, for benchmarks that need the whole product."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from uuid import uuid4

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import connection
from django.test.utils import setup_databases, teardown_databases

from console.demo import dialogues
from handoffs import feeling
from handoffs.learned import languages
from handoffs.models import Agent, ApiKey, Assistant, Attempt, Conversation, Customer, Team, Turn
from handoffs.snapshots import Author

TURNS = 12


@contextmanager
def world() -> Iterator[str]:
    """Everything a handoff needs; the name of the database while the block runs."""
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        Team.objects.create(code="billing", name="Billing", public_name="Billing", intents=["refund", "invoice"], keywords=["refund", "invoice", "bank"])
        Team.objects.create(code="travel", name="Travel", public_name="Travel", intents=["ride"], keywords=["ride", "flight", "hotel"])
        Team.objects.create(code="general", name="General", public_name="Customer care", general=True)
        yield connection.vendor
    finally:
        teardown_databases(databases, verbosity=0)


def agents(count: int, *, capacity: int = 4) -> list[Agent]:
    """So many agents of all teams, each with a name of their own."""
    made = Agent.objects.bulk_create(Agent(username=f"agent{number}", first_name=f"Agent {number}", capacity=capacity) for number in range(count))
    for team in Team.objects.all():
        team.agents.add(*made)
    return made


def assistant() -> tuple[Assistant, str]:
    """An outside assistant and its key."""
    juniper = Assistant.objects.create(code="juniper", name="Juniper")
    return juniper, ApiKey.make(assistant=juniper)


def conversations(juniper: Assistant, count: int) -> list[Conversation]:
    """Recorded conversations of TURNS turns, as if they had come over the API; each with a customer of its own."""
    spoken = [each for each in dialogues.read() if len(each.said) >= TURNS]
    customers = Customer.objects.bulk_create(Customer(assistant=juniper, external_id=uuid4().hex, name=f"Amara Osei {number}") for number in range(count))
    made = Conversation.objects.bulk_create(
        Conversation(assistant=juniper, answered_by=juniper, customer=customer, external_id=uuid4().hex, last_number=TURNS, language="en")
        for customer in customers
    )
    parts = [_parts(dialogue) for dialogue in spoken]
    filled = list(zip(made, islice(cycle(parts), count), strict=True))
    Turn.objects.bulk_create((Turn(conversation=each, **turn) for each, (turns, _) in filled for turn in turns), batch_size=500)
    Attempt.objects.bulk_create((Attempt(conversation=each, **attempt) for each, (_, attempts) in filled for attempt in attempts), batch_size=500)
    return made


def _parts(dialogue: dialogues.Dialogue) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    turns, attempts = [], []
    for number, said in enumerate(dialogue.said[:TURNS], 1):
        mood, tension = feeling.judge(said.text) if said.author == Author.CUSTOMER else ("", None)
        language = languages.detect(said.text) if said.author == Author.CUSTOMER else ""
        turns.append({"number": number, "author": said.author, "text": said.text, "mood": mood, "tension": tension, "language": language,
                      "client_id": f"m-{number}"})
        attempts += [{"after_number": number, **reported} for reported in said.reported.get("attempts", [])]
    return turns, attempts
