"""Don't ask again: what a message of an agent asks for that is known already, and which tried step it proposes; while typing, and counted once sent."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from handoffs.briefing.fields import BY_CODE
from handoffs.briefing.steps_again import proposed, stems
from handoffs.learned import repeats as asking
from handoffs.learned.repeats import LIKELY, SURE
from handoffs.learned.repeats_forms import SMALL
from handoffs.learned.repeats_signs import NOUN_RULES
from handoffs.models import Conversation, Customer, Handoff, RepeatAsk, Turn
from handoffs.snapshots import Author, Brief
from handoffs.states import Owner

logger = logging.getLogger(__name__)

LONGEST_FIELD, LONGEST_VALUE = 40, 120  # characters
MOST_KNOWN, MOST_SHOWN = 60, 3
# There are many dates and sums in a conversation: one is asked for again only when the message speaks of what it was said of.
GENERAL = frozenset(["date", "time", "quantity", "number", "amount", "place", "location", "city"])
NOWHERE: Mapping[int, str] = {}


@dataclass(frozen=True)
class Repeat:
    """Something that a message asks for though it is known, or a step it proposes though it was tried: `outcome` is then what came of it."""

    field: str
    label: str
    value: str
    turn: int | None = None
    outcome: str = ""
    chance: float = 1.0


def check(brief: Brief, text: str, customer: Customer | None = None, *, said: Mapping[int, str] = NOWHERE, at_least: float = SURE) -> tuple[Repeat, ...]:
    """What the message repeats, the surest first; with `at_least` LIKELY also what is less sure. In other languages than English: nothing.

    `said` holds the words of the turns that general facts (a date, a sum) come from, and of the turns before them, by number.
    """
    known = held(brief, customer)
    chances = asking.likelihoods(text, [(each.field, each.value) for each in known])
    likely = [replace(each, chance=chance) for each, chance in zip(known, chances, strict=True) if chance >= at_least]
    asked = [each for each in likely if each.field not in GENERAL or _same_matter(each, text, said)]
    again = [Repeat(attempt.step[:LONGEST_FIELD], attempt.step, attempt.detail, attempt.turn, outcome=attempt.outcome.value)
             for attempt in brief.attempts if proposed(text, attempt.step)]
    return (*sorted(asked, key=lambda each: -each.chance), *again)


def of(handoff: Handoff, text: str, *, at_least: float = SURE) -> tuple[Repeat, ...]:
    """What a message of the handoff's agent repeats."""
    brief = handoff.what_to_know
    places = {number for fact in brief.facts if fact.name in GENERAL and fact.turn for number in (fact.turn - 1, fact.turn)}
    said = dict(handoff.conversation.turns.filter(number__in=places).values_list("number", "text")) if places else NOWHERE
    return check(brief, text, handoff.conversation.customer, said=said, at_least=at_least)


def held(brief: Brief, customer: Customer | None = None) -> list[Repeat]:
    """What the brief and the customer's row hold, each thing once: what was said in the conversation counts before the record.

    Of what may have several values at once (dates, sums, orders) only a single one is known well enough to say that it was given.
    """
    facts = [(fact.name, fact.value, fact.turn) for fact in brief.facts]
    row = [("name", customer.name, None), ("e-mail", customer.email, None)] if customer else []
    orders = [("order number", number, None) for order in brief.record.orders if (number := _number_of(order))]
    account = [(name, value, None) for name, value in brief.record.account.items() if isinstance(value, str | int | float) and not isinstance(value, bool)]
    several = Counter(name for name, _, _ in facts)
    said = [fact for fact in facts if several[fact[0]] == 1]
    rest = [each for each in (*row, *(orders if len(orders) == 1 else ()), *account) if each[0] not in several]
    found: dict[str, Repeat] = {}
    for name, value, turn in (*said, *rest):
        if value not in ("", None) and not SMALL.issuperset(name.casefold().split()):
            found.setdefault(name.casefold(), Repeat(name[:LONGEST_FIELD], _label(name), str(value)[:LONGEST_VALUE], turn))
    return list(found.values())[:MOST_KNOWN]


def count(handoff: Handoff, turn: Turn, *, warned: Iterable[str] = (), excused: Iterable[str] = ()) -> None:
    """Keep a row for each known thing an agent's turn asks for. Never stops the reply: an error is logged, and nothing is kept."""
    try:
        with transaction.atomic():
            _keep(handoff, turn, of(handoff, turn.text), frozenset(warned), frozenset(excused))
    except Exception:
        logger.exception("repeat-asks of turn %s could not be counted", turn.pk)


def prove(conversation: Conversation, turn: Turn) -> None:
    """What the agent's words before left open, the customer's next turn shows: when the known value comes again, it was asked for. Never stops the turn."""
    try:
        with transaction.atomic():
            _prove(conversation, turn)
    except Exception:
        logger.exception("repeat-asks before turn %s could not be counted", turn.pk)


def _prove(conversation: Conversation, turn: Turn) -> None:
    if conversation.owner != Owner.AGENT:
        return
    before = conversation.turns.filter(number__lt=turn.number).order_by("-number").first()
    handoff = conversation.handoffs.select_related("conversation__customer").order_by("-created_at").first()
    if before is None or handoff is None or before.author != Author.AGENT or before.kind != Turn.Kind.MESSAGE:
        return
    likely = of(handoff, before.text, at_least=LIKELY)
    _keep(handoff, before, [each for each in likely if _given(each, turn.text)], frozenset(), frozenset())


def _keep(handoff: Handoff, turn: Turn, found: Iterable[Repeat], warned: frozenset[str], excused: frozenset[str]) -> None:
    RepeatAsk.objects.bulk_create(
        [RepeatAsk(turn=turn, handoff=handoff, field=each.field, known_turn=each.turn, warned=each.field in warned, excused=each.field in excused)
         for each in found if not each.outcome],
        ignore_conflicts=True,
    )


def _same_matter(each: Repeat, text: str, said: Mapping[int, str]) -> bool:
    """Whether the message shares a word that says something with the turn of the value or the one before, which may have asked for it."""
    turn = each.turn or 0
    around = stems(f"{said.get(turn - 1, '')} {said.get(turn, '')}")
    return bool(stems(text) & around - stems(each.field) - stems(each.value))


def _given(each: Repeat, text: str) -> bool:
    plain, value = (" ".join(re.findall(r"\w+", words.casefold())) for words in (text, each.value))
    return bool(value) and f" {value} " in f" {plain} "


def _number_of(order: dict[str, Any]) -> str:
    """The number of an order of the record, whatever it is called there."""
    named = (str(value) for name, value in order.items() if name in ("number", "id", "reference") or NOUN_RULES["order number"].fullmatch(name))
    return next(named, "")


def _label(name: str) -> str:
    return BY_CODE[name].label if name in BY_CODE else " ".join(name.replace("_", " ").split())[:LONGEST_FIELD].capitalize()
