"""How long it takes to hand over, against the least a database can do. Run: python -m tests.benchmarks.handoff [ROUNDS]

Both are timed in the same run, in turn, on a database of the run's own; read the ratio, not the milliseconds.
"""

import os
import time
from collections.abc import Callable
from uuid import uuid4

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from django.db import transaction
from django.test.utils import setup_databases, teardown_databases

from handoffs import packaging, turns
from handoffs.models import Assistant, Conversation, Customer, Heartbeat, Team
from handoffs.snapshots import Author, Detection, Line, Proposal, Transcript, Tried
from tests.benchmarks import measured

WORDS = ("I was charged twice for order A-20817, €14 each.", "It is still there, I looked three times.", "No, that does not help me.")
ANSWERS = ("You can see both charges under Billing.", "Invoices from this month appear tomorrow.", "Would a voucher help meanwhile?")


def prepare() -> Callable[[], Conversation]:
    Team.objects.create(code="general", name="General", public_name="Customer care", general=True)
    juniper = Assistant.objects.create(code="juniper", name="Juniper")
    customer = Customer.objects.create(assistant=juniper, external_id="amara", name="Amara Osei")

    def make() -> Conversation:
        conversation = Conversation.objects.create(assistant=juniper, answered_by=juniper, customer=customer, external_id=uuid4().hex)
        for number, words in enumerate(WORDS):
            turns.take(conversation, words)
            conversation.refresh_from_db()
            proposal = Proposal(ANSWERS[number], confidence=0.95, attempts=(Tried(f"Step {number}"),))
            conversation = turns.propose(conversation, proposal, client_id=f"a{number}").conversation
        return conversation

    return make


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def write_one_row() -> None:
    with transaction.atomic():
        Heartbeat.beat("benchmark")


def forty_turns() -> Transcript:
    lines = (Line(Author.CUSTOMER if number % 2 else Author.ASSISTANT, f"{WORDS[number % 3]} {number}", number) for number in range(1, 41))
    return Transcript(lines=tuple(lines), tried=tuple(Tried(f"Step {number}") for number in range(12)))


def main(rounds: int) -> None:
    make = prepare()
    transcript, reason = forty_turns(), (Detection("explicit_request", "Asked for a person"),)
    row, handoff, word, brief = [], [], [], []
    for _ in range(rounds):
        conversation = make()
        row.append(timed(write_one_row))
        word.append(timed(lambda conversation=conversation: turns.take(conversation, "And my camera is offline too")))
        conversation.refresh_from_db()
        handoff.append(timed(lambda conversation=conversation: turns.take(conversation, "Can I talk to a real person?")))
        brief.append(timed(lambda: packaging.pack(transcript, reason, name="Amara Osei")))
    measured.show("handoff", [
        measured.row("one row, one transaction", row), measured.row("a customer's turn, judged", word, row),
        measured.row("a turn that hands over", handoff, row), measured.row("the brief of 40 turns (no database)", brief, row),
    ])


if __name__ == "__main__":
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        main(int(next(iter(measured.arguments()), 200)))
    finally:
        teardown_databases(databases, verbosity=0)
