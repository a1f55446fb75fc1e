"""Measures: how the queues stand now, and how handoffs went. Each function is one measure, in a fixed number of queries."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from handoffs import clock, roster
from handoffs.learned.calibration import wilson
from handoffs.models import Agent, Handoff, Rating, RepeatAsk, Step, Survey, Team
from handoffs.states import State

WEEK = timedelta(days=7)
RISK_AT = 0.7
RATED_WELL = 4
MOST_FIELDS = 3


@dataclass(frozen=True)
class Spread:
    """The middle of some durations in seconds, and where the slowest tenth begins; None when there are none."""

    count: int = 0
    middle: float | None = None
    slowest_tenth: float | None = None


@dataclass(frozen=True)
class Answers:
    """What customers answered after handoffs; shares are None when nobody did."""

    count: int = 0
    rated_well: float | None = None
    repeated: float | None = None


@dataclass(frozen=True)
class Rate:
    """`count` of `of`, with the 95 % interval of the share (Wilson 1927)."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None

    @property
    def low(self) -> float:
        return wilson(self.count, self.of)[0]

    @property
    def high(self) -> float:
        return wilson(self.count, self.of)[1]


@dataclass(frozen=True)
class RepeatAsks:
    """How many handoffs an agent answered had an unexcused repeat-ask, in all and by team, and what was asked again most often."""

    whole: Rate
    teams: list[tuple[str, Rate]]
    fields: list[tuple[str, int]]


@dataclass(frozen=True)
class WrongQueues:
    """How many handoffs came to the wrong team, so that an agent passed them on, and from which team to which most often."""

    whole: Rate
    pairs: list[tuple[tuple[str, str], int]]


def at_risk(waiting: Iterable[Handoff], now: datetime) -> list[Handoff]:
    """Those whose promise is at risk or broken, the worst first."""
    late = [handoff for handoff in waiting if now >= handoff.waiting_since + RISK_AT * (handoff.promise_due_at - handoff.waiting_since)]
    return sorted(late, key=lambda handoff: handoff.promise_due_at)


def teams_with_agents() -> list[Team]:
    """Every team with its active agents and the load of each."""
    agents = roster.with_load(Agent.objects.filter(is_active=True)).order_by("first_name", "username")
    return list(Team.objects.prefetch_related(Prefetch("agents", queryset=agents)))


def traffic(since: datetime) -> list[tuple[int, datetime, datetime | None]]:
    """Team, arrival and claim of whatever arrived or was claimed since then."""
    recent = Handoff.objects.filter(Q(created_at__gte=since) | Q(claimed_at__gte=since))
    return list(recent.values_list("team_id", "created_at", "claimed_at"))


def per_slot(moments: Iterable[datetime | None], until: datetime, slot: timedelta, slots: int) -> list[int]:
    """How many of the moments fall into each of the last `slots` stretches, oldest first."""
    ages = (int((until - moment) / slot) for moment in moments if moment is not None and moment <= until)
    counts = Counter(age for age in ages if 0 <= age < slots)
    return [counts[age] for age in reversed(range(slots))]


def first_messages(since: datetime) -> Spread:
    """From the handoff to the first message of a person."""
    rows = Handoff.objects.filter(first_reply_at__gte=since).values_list("created_at", "first_reply_at")
    return spread((said - began).total_seconds() for began, said in rows if said)


def handled_in(since: datetime) -> Spread:
    """From the claim to the resolve or handback."""
    rows = Handoff.objects.filter(ended_at__gte=since, claimed_at__isnull=False).values_list("claimed_at", "resolved_at", "ended_at")
    ends = ((claimed, resolved or ended) for claimed, resolved, ended in rows)
    return spread((until - claimed).total_seconds() for claimed, until in ends if claimed and until)


def spread(durations: Iterable[float]) -> Spread:
    seconds = list(durations)
    if not seconds:
        return Spread()
    slowest = quantiles(seconds, n=10, method="inclusive")[-1] if len(seconds) > 1 else seconds[0]
    return Spread(len(seconds), median(seconds), slowest)


def answers_alone(since: datetime) -> Answers:
    """What customers said of an assistant that helped without a person."""
    helped = [help >= RATED_WELL for help in Rating.objects.filter(at__gte=since).values_list("help", flat=True)]
    return Answers(len(helped), share(helped))


def answers(since: datetime) -> Answers:
    """The two questions of the survey."""
    rows = list(Survey.objects.filter(at__gte=since).values_list("help", "repeated"))
    helped = [help >= RATED_WELL for help, _ in rows if help is not None]
    repeated = [said != Survey.Repeated.NO for _, said in rows if said]
    return Answers(len(rows), share(helped), share(repeated))


def repeat_asks(since: datetime) -> RepeatAsks:
    """Of the conversations handed over and first answered since then: in how many was asked again for what the brief held?"""
    answered = Handoff.objects.filter(first_reply_at__gte=since)
    again = Exists(RepeatAsk.objects.filter(handoff=OuterRef("pk"), excused=False))
    rows = list(answered.annotate(again=again).values_list("team__name", "again"))
    asked = RepeatAsk.objects.filter(handoff__in=answered, excused=False).values_list("field").annotate(n=Count("handoff", distinct=True))
    by_team = {team: [flag for name, flag in rows if name == team] for team in sorted({name for name, _ in rows})}
    return RepeatAsks(
        Rate(sum(flag for _, flag in rows), len(rows)),
        [(team, Rate(sum(flags), len(flags))) for team, flags in by_team.items()],
        [(field, n) for field, n in asked.order_by("-n", "field")[:MOST_FIELDS]],
    )


def wrong_queues(since: datetime) -> WrongQueues:
    """Of the handoffs that came since then, those an agent passed to another team before anything else moved them: overflowing is no mistake,
    and a supervisor spreads the load."""
    elsewhere = Q(verb__in=["transferred", "overflowed"]) | Q(verb="handed_off", detail__has_key="instead_of")
    steps = Step.objects.filter(elsewhere, at__gte=since, handoff__created_at__gte=since).order_by("-id")
    first = {handoff: (verb, by, detail) for handoff, verb, by, detail in steps.values_list("handoff", "verb", "by", "detail")}
    passed = [(detail.get("from"), detail.get("team")) for verb, by, detail in first.values() if (verb, by) == ("transferred", "agent")]
    wrong, names = [pair for pair in passed if pair[0] != pair[1]], dict(Team.objects.values_list("code", "name"))
    pairs = Counter((names[old], names[new]) for old, new in wrong if old in names and new in names)
    return WrongQueues(Rate(len(wrong), Handoff.objects.filter(created_at__gte=since).count()), sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0])))


def share(facts: list[bool]) -> float | None:
    return sum(facts) / len(facts) if facts else None


def by_trigger(since: datetime) -> list[tuple[str, int]]:
    """Which trigger began how many handoffs, the most frequent first."""
    rows = Handoff.objects.filter(created_at__gte=since).values_list("trigger").annotate(n=Count("id")).order_by("-n", "trigger")
    return [(trigger, n) for trigger, n in rows]


def broken(since: datetime) -> int:
    """Promises broken: claimed too late, or still waiting past the promise."""
    # Not as one condition: SQLite would read every handoff there ever was.
    late = Handoff.objects.filter(claimed_at__gt=F("promise_due_at"), claimed_at__gte=since)
    waits = Handoff.objects.filter(state=State.WAITING, promise_due_at__lt=clock.now())
    return late.values("pk").union(waits.values("pk")).count()


def left_email(since: datetime) -> int:
    """How many customers left an address while they waited."""
    return Step.objects.filter(verb="left_email", at__gte=since).values("handoff").distinct().count()


def failures(limit: int = 5) -> QuerySet[Handoff]:
    """The latest handoffs because an assistant failed."""
    failed = Handoff.objects.filter(trigger="assistant_failed").select_related("team", "conversation__customer", "conversation__answered_by")
    return failed.order_by("-created_at")[:limit]
