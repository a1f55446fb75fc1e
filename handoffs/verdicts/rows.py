"""Judged answers as numbers: how sure the assistant was, whether it was right, for whom."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet

from handoffs import clock
from handoffs.models import PolicyVersion, ProposalRecord, Verdict
from handoffs.snapshots import Action
from handoffs.verdicts.judging import GIVEN, LOOK_BACK, SHADOW, WRAP_UP, draws
from handoffs.verdicts.worth import maps

COLUMNS = ("confidence", "evidence__stated_confidence", "conversation__answered_by__code")


@dataclass(frozen=True)
class Judged:
    """One judged answer: how sure the policy in force would take it to be, the newest verdict, the customer, whether they got it, and
    whether the assistant proposed it: else it is a draft behind words that were handed off at once, to which no limit speaks."""

    proposal: int
    confidence: float
    right: bool
    customer: int
    given: bool
    proposed: bool


class Scale:
    """Confidences as the policy in force sees them: as they are, or what they turned out to be worth."""

    def __init__(self) -> None:
        self._maps = maps() if PolicyVersion.in_force().calibrated else {}

    def of(self, confidence: float, stated: float | None, assistant: str) -> float:
        said = confidence if stated is None else stated
        return self._maps[assistant].of(said) if assistant in self._maps else said


def judged(intent: str = "", assistant: str = "") -> list[Judged]:
    """Every judged answer of the last 90 days with a confidence, the one judged first leading."""
    about = _about("proposal__", intent, assistant) & Q(proposal__confidence__isnull=False, proposal__at__gte=clock.now() - LOOK_BACK)
    of_proposal = ("conversation__customer_id", "action", "client_id", *COLUMNS)
    columns = ("proposal_id", "right", *(f"proposal__{name}" for name in of_proposal))
    scale, found = Scale(), {}
    for proposal, right, customer, action, client_id, *stated in Verdict.objects.filter(about).order_by("at").values_list(*columns):
        found[proposal] = Judged(proposal, scale.of(*stated), right, customer, action == Action.ANSWER, not client_id.startswith(SHADOW))
    return list(found.values())


def proposals(days: float, intent: str = "", assistant: str = "", *, sure: bool = True) -> QuerySet[ProposalRecord]:
    """What assistants proposed to answer lately, and said (`sure` False: did not say) how sure they were: neither questions back nor what
    is said after a handback."""
    recent = ProposalRecord.objects.filter(_about("", intent, assistant), at__gte=clock.now() - timedelta(days=days), clarifying=False)
    return recent.filter(confidence__isnull=not sure).exclude(client_id__startswith=WRAP_UP).exclude(client_id__startswith=SHADOW)


def stated(rows: QuerySet[ProposalRecord]) -> list[float]:
    """The confidences of proposals as the policy in force sees them."""
    scale = Scale()
    return [scale.of(*row) for row in rows.values_list(*COLUMNS).iterator()]


def even(rows: Iterable[Judged], intent: str = "", assistant: str = "") -> list[Judged]:
    """A sample in which answers given and held back are as frequent as they were proposed, with one answer for each customer.

    People judge the two at different rates, so rows of the side judged more often are left out by chance. Without judged drafts only
    answers given are in it.
    """
    rows = _one_each(row for row in rows if row.proposed)
    lately = proposals(LOOK_BACK.days, intent, assistant)
    given, held = lately.filter(GIVEN).count(), lately.exclude(action=Action.ANSWER).count()
    of_given, of_held = sum(row.given for row in rows), sum(not row.given for row in rows)
    if not (of_held and of_given and held and given):
        return [row for row in rows if row.given or not of_given]
    rates = {True: of_given / given, False: of_held / held}
    return [row for row in rows if draws(f"even {row.proposal}", min(rates.values()) / rates[row.given])]


def _one_each(rows: Iterable[Judged]) -> list[Judged]:
    """Several answers for one customer are no independent witnesses: the one judged first stands for all."""
    return list({row.customer: row for row in reversed(list(rows))}.values())


def _about(prefix: str, intent: str, assistant: str) -> Q:
    found = Q(**{f"{prefix}intent__iexact": intent}) if intent else Q()
    return found & (Q(**{f"{prefix}conversation__answered_by__code": assistant}) if assistant else Q())
