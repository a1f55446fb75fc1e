"""What an outside assistant's confidence has turned out to be worth, once it is known how its answers ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, Max, OuterRef, Q, Subquery

from handoffs import clock
from handoffs.copilot import REVIEWED
from handoffs.learned import calibration
from handoffs.learned.calibration import Map
from handoffs.models import Assistant, Handoff, LearnedModel, ProposalRecord, Verdict
from handoffs.snapshots import Proposal
from handoffs.verdicts.judging import GIVEN, LOOK_BACK

KIND = "confidence"
FEWEST = 50
MOST = 5000
FOLDS = 5
# With steady traffic the last 90 days never have more outcomes than they had; their assistant may be another all the same.
LEARN_ANEW_AFTER = timedelta(days=7)
# A conversation nobody wrote to for so long counts as ended.
QUIET = timedelta(days=1)


@dataclass(frozen=True)
class Worth:
    """A learned map as points (stated, observed), the outcomes it rests on, and the calibration error without and with such a map."""

    knots: tuple[tuple[float, float], ...]
    outcomes: int
    ece_before: float
    ece_after: float
    made_at: datetime


def maps() -> dict[str, Map]:
    """The maps in use, by their assistant's code; one that cannot be read is as if there were none."""
    return dict(_readable())


def worth(assistant: Assistant) -> Worth | None:
    row = LearnedModel.objects.filter(kind=KIND, subject=assistant.code, in_use=True).first()
    found = maps().get(assistant.code)
    if row is None or found is None:
        return None
    knots = tuple(zip(found.stated, found.observed, strict=True))
    return Worth(knots, found.judged, row.measures["ece_before"], row.measures["ece_after"], row.made_at)


def as_judged(assistant: Assistant, proposal: Proposal) -> Proposal:
    """The proposal with what its confidence is worth in its place, the stated one kept beside it."""
    found = maps().get(assistant.code)
    return found.judge(proposal) if found else proposal


def learn(assistant: Assistant) -> LearnedModel | None:
    """Learn the map anew from the outcomes of the last 90 days and use it. None while there are too few, or hardly more than
    last time this week."""
    stated, right = outcomes(assistant)
    last = LearnedModel.objects.filter(kind=KIND, subject=assistant.code).order_by("number").last()
    is_new = last is None or last.made_at < clock.now() - LEARN_ANEW_AFTER or len(stated) >= 1.1 * last.measures.get("outcomes", 0)
    if len(stated) < FEWEST or not is_new:
        return None
    before, after = cross_fitted(stated, right)
    with transaction.atomic():
        rows = LearnedModel.objects.filter(kind=KIND, subject=assistant.code)
        rows.update(in_use=False)
        number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
        measures = {"outcomes": len(stated), "ece_before": before, "ece_after": after}
        return LearnedModel.objects.create(
            kind=KIND, subject=assistant.code, number=number, body=calibration.fit(stated, right).body(), measures=measures, in_use=True
        )


def outcomes(assistant: Assistant) -> tuple[list[float], list[bool]]:
    """The stated confidence of the last answer of each ended conversation, and whether it was right: a person's verdict; without one, right
    when the conversation ended without a person and wrong when it was handed off after it. Earlier answers prove nothing either way.
    Of a copilot's drafts, the verdict that follows from what an agent made of each."""
    rows = _last_answers(assistant).values_list("confidence", "evidence__stated_confidence", "verdict", "handed_off", "ended")
    stated, right = [], []
    for confidence, said, verdict, handed_off, ended in rows.iterator():
        if verdict is None and not handed_off and not ended:
            continue
        stated.append(float(confidence if said is None else said))
        right.append(not handed_off if verdict is None else bool(verdict))
    for confidence, said, verdict in _drafts(assistant).values_list("confidence", "evidence__stated_confidence", "verdicts__right"):
        stated.append(float(confidence if said is None else said))
        right.append(bool(verdict))
    return stated, right


def _drafts(assistant: Assistant) -> Any:
    reviewed = ProposalRecord.objects.filter(review__in=REVIEWED, verdicts__by=F("reviewed_by"), conversation__answered_by=assistant)
    return reviewed.filter(confidence__isnull=False, at__gte=clock.now() - LOOK_BACK).order_by("-pk")[:MOST]


def _last_answers(assistant: Assistant) -> Any:
    now = clock.now()
    given = ProposalRecord.objects.filter(GIVEN, confidence__isnull=False, at__gte=now - LOOK_BACK, conversation__answered_by=assistant)
    later = Handoff.objects.filter(conversation=OuterRef("conversation"), created_at__gte=OuterRef("at"))
    ended = Q(conversation__closed_at__isnull=False) | Q(conversation__last_turn_at__lt=now - QUIET)
    last = given.filter(conversation=OuterRef("conversation")).order_by("-pk")
    rows = given.filter(pk=Subquery(last.values("pk")[:1])).order_by("-pk")
    return rows.annotate(
        verdict=Subquery(Verdict.objects.filter(proposal=OuterRef("pk")).order_by("-at").values("right")[:1]),
        handed_off=Exists(later), ended=ExpressionWrapper(ended, BooleanField()),
    )[:MOST]


def cross_fitted(stated: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """The calibration error as stated, and with maps each learned without the answers it is measured on."""
    sure, was_right = np.asarray(stated, float), np.asarray(right, bool)
    shown, order = np.zeros(len(sure)), np.random.default_rng(0).permutation(len(sure))
    for fold in np.array_split(order, FOLDS):
        others = np.setdiff1d(order, fold)
        shown[fold] = calibration.fit(sure[others], was_right[others]).over(sure[fold])
    return calibration.ece(sure, was_right), calibration.ece(shown, was_right)


def _readable() -> Iterator[tuple[str, Map]]:
    for subject, body in LearnedModel.objects.filter(kind=KIND, in_use=True).values_list("subject", "body"):
        try:
            yield subject, Map.read(bytes(body))
        except ValueError:
            continue
