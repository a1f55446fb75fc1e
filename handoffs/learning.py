"""What teams teach: examples from their own history, their corrections and their files, and the model of intents learned from them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from handoffs.briefing.goal import NO_GOAL
from handoffs.learned.doubt import OUT
from handoffs.learned.examples import Labelled
from handoffs.learned.intents import IntentModel
from handoffs.models import Agent, Example, Handoff, LearnedModel, Step, Team
from handoffs.states import State

KIND = "intents"
SEED = 1
MOST = 20_000  # examples: the newest count


class Unlearned(Exception):
    """Nothing was learned, or nothing can be gone back to; the words say why."""


def take_in(rows: Iterable[Labelled]) -> int:
    """Keep the rows of a file as examples; those already known are not kept twice. How many were new."""
    known = set(Example.objects.filter(source=Example.Source.IMPORT).values_list("text", "intent"))
    new = dict.fromkeys((row.text, row.intent) for row in rows if (row.text, row.intent) not in known)
    Example.objects.bulk_create((Example(text=text, intent=intent, source=Example.Source.IMPORT) for text, intent in new), batch_size=500)
    return len(new)


def look_back() -> int:
    """Make examples of what happened since: handoffs resolved by the team they came to, and those an agent passed on. How many are new."""
    before = Example.objects.count()
    Example.objects.bulk_create([*_resolved(), *_corrected()], ignore_conflicts=True, batch_size=500)
    return Example.objects.count() - before


def learn(*, by: Agent | None = None) -> LearnedModel:
    """Learn a new version from all examples and use it from now on. The same examples make the same bytes.

    Raises Unlearned when they are too few, and then the version in use stays.
    """
    texts, intents = _lesson()
    try:
        model = IntentModel.fit(texts, intents, seed=SEED)
    except ValueError as error:
        raise Unlearned(f"Nothing was learned: {error}.") from None
    with transaction.atomic():
        versions = LearnedModel.objects.filter(kind=KIND, subject="")
        number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
        versions.filter(in_use=True).update(in_use=False)
        return LearnedModel.objects.create(kind=KIND, number=number, body=model.to_bytes(), measures=model.measures, in_use=True, made_by=by)


def use(number: int) -> LearnedModel:
    """Use this version from now on. Raises Unlearned when there is none."""
    with transaction.atomic():
        versions = LearnedModel.objects.filter(kind=KIND, subject="")
        wanted = versions.filter(number=number).first()
        if wanted is None:
            raise Unlearned(f"There is no version {number}.")
        versions.filter(in_use=True).update(in_use=False)
        versions.filter(pk=wanted.pk).update(in_use=True)
    wanted.in_use = True
    return wanted


def go_back() -> LearnedModel:
    """Use the version before the one in use. Raises Unlearned when there is none."""
    versions = LearnedModel.objects.filter(kind=KIND, subject="")
    now = versions.filter(in_use=True).first()
    before = versions.filter(number__lt=now.number).order_by("number").last() if now else None
    if before is None:
        raise Unlearned("There is no earlier version to go back to.")
    return use(before.number)


def _lesson() -> tuple[list[str], list[str]]:
    """Texts and intents; the general team's own code is OUT. An agent's correction replaces what its conversation seemed to say."""
    general = set(Team.objects.filter(general=True).values_list("code", flat=True))
    corrected = Example.objects.filter(source=Example.Source.CORRECTION).values("conversation")
    rows = Example.objects.exclude(source=Example.Source.CONVERSATION, conversation__in=corrected).order_by("-pk")[:MOST]
    return [row.text for row in rows], [OUT if row.intent in general else row.intent for row in rows]


def _resolved() -> Iterable[Example]:
    """Handoffs that nobody passed on: their first team was right, and so was an intent it covers. Where one overflowed to says nothing."""
    ended = Handoff.objects.filter(resolved_at__isnull=False, state__in=[State.RESOLVED, State.HANDED_BACK, State.CLOSED])
    kept = ended.exclude(steps__verb__in=["transferred", "overflowed"]).exclude(steps__detail__has_key="instead_of")
    new = kept.exclude(conversation__examples__source=Example.Source.CONVERSATION)
    for handoff in new.select_related("team").iterator():
        covered = handoff.intent.lower() in {intent.lower() for intent in handoff.team.intents}
        yield from _example(handoff, handoff.intent.lower() if covered else handoff.team.code, Example.Source.CONVERSATION)


def _corrected() -> Iterable[Example]:
    """The first time an agent passed a handoff to another team: it had come to the wrong one. A supervisor spreads the load, which says
    nothing of the words."""
    firsts: dict[Any, Step] = {}
    for step in Step.objects.filter(verb="transferred", by="agent").select_related("handoff").order_by("id").iterator():
        if step.detail.get("from") != step.detail["team"]:
            firsts.setdefault(step.handoff_id, step)
    for step in firsts.values():
        yield from _example(step.handoff, step.detail["team"], Example.Source.CORRECTION)


def _example(handoff: Handoff, intent: str, source: str) -> Sequence[Example]:
    if not handoff.goal or handoff.goal == NO_GOAL:
        return ()
    return (Example(text=handoff.goal, intent=intent, source=source, conversation_id=handoff.conversation_id),)
