"""Check-ins of an hour: customers who wait, pages that close, places that change, two beats, two workers, one of them killed again and again."""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import quantiles
from typing import Any

from django.db import transaction
from django.db.models import Min

from handoffs import clock, receiving, tasks, turns
from handoffs.evaluation.files import Files
from handoffs.models import Agent, Assistant, Conversation, Customer, Handoff, Letter, PolicyVersion, Step, Team, Turn
from handoffs.rehearsal.stage import Clock, Duty, Worker, chance_of_death, stage, wait_for
from handoffs.snapshots import Detection
from handoffs.states import State
from handoffs.waiting_room.checkins import CHECKED_IN

SECOND = timedelta(seconds=1)
EVERY = {"sweep": SECOND, "notice": 3 * SECOND}
# Seconds a beat looks away at most while workers work: ticks are said to be due so late.
PAUSE = 0.002
LATE = 2.0
# Seconds of the machine's time after which a play is broken off, and its figures are of what was played.
LONGEST = 1200.0
DUTIES: dict[str, Duty] = {"sweep": tasks.sweep, "notice": tasks.notice}


@dataclass(frozen=True)
class Scenario:
    """How many wait for how long, the share who have their page open throughout, and the seconds from one claim to the next."""

    customers: int
    lasts: timedelta
    on_page: float = 0.25
    claim_every: float = 20.0


SCENARIOS = {"": Scenario(1000, timedelta(hours=1)), "tiny": Scenario(30, timedelta(minutes=7)), "small": Scenario(150, timedelta(minutes=35)),
             "large": Scenario(1000, timedelta(hours=1))}


class CheckIns:
    """Whether each check-in that is due is said exactly once, and how late: `said_twice`, `missed`, `late_p99` in seconds.

    A check-in counts as missed when a customer who still waits at the end is overdue by more than 2 s, or a page had heard nothing for longer than the
    policy allows and 2 s more, or a letter of the schedule (5, 15, 30 min) was never written.
    """

    code = "checkins"
    simulates = True

    def measure(self, files: Files) -> dict[str, Any]:
        if files.scenario not in SCENARIOS:
            raise ValueError(f"--scenario must be one of {', '.join(filter(None, SCENARIOS))}")
        scenario, chance, began = SCENARIOS[files.scenario], random.Random(files.seed), time.monotonic()
        with stage():
            play = Play(scenario, chance)
            play.run(began + LONGEST)
            return {**play.figures(), "seed": files.seed, "took": round(time.monotonic() - began, 1)}


class Play:
    def __init__(self, scenario: Scenario, chance: random.Random) -> None:
        self.scenario, self.chance, self.clock = scenario, chance, Clock()
        self.clock.set()
        self.killed, self.closed = 0, set[Any]()
        self._people()
        self.begins, self.said = self.clock.now(), 0
        self.until = self.begins + scenario.lasts
        self.workers = [Worker(self.clock, DUTIES) for _ in range(2)]
        phases = [timedelta(seconds=chance.random()) for _ in range(2)]
        self.ticks = {(beat, duty): self.clock.now() + phases[beat] + every for beat in range(2) for duty, every in EVERY.items()}
        self.due: list[str] = []
        self.dying: dict[Worker, float] = {}
        self.next_claim = self.clock.now() + timedelta(seconds=scenario.claim_every)

    def run(self, end: float) -> None:
        """Until it is over, at most to this second of the steady clock."""
        while self.clock.now() < self.until and time.monotonic() < end:
            self._beat()
            self._hand_out()
            self._kill()
            self._say_how_far()
            if not self.due and not any(worker.busy for worker in self.workers):
                self._happen()
                self.clock.skip_to(self._next())
            else:
                wait_for(self.workers, PAUSE)
        self.until = min(self.until, self.clock.now())
        for worker in self.workers:
            worker.kill()

    def figures(self) -> dict[str, Any]:
        steps = list(Step.objects.filter(verb=CHECKED_IN).order_by("id").values_list("handoff", "at", "detail"))
        late = [(at - datetime.fromisoformat(detail["due"])).total_seconds() for _, at, detail in steps]
        twice = sum(count - 1 for count in Counter((handoff, detail["due"]) for handoff, _, detail in steps).values())
        said = Turn.objects.filter(kind=Turn.Kind.CHECK_IN).count()
        return {
            "customers": self.scenario.customers, "simulated_minutes": self._minutes(), "beats": 2, "workers": 2,
            "workers_killed": self.killed, "claimed": Handoff.objects.exclude(state=State.WAITING).count(), "check_ins": len(steps),
            "letters": Letter.objects.count(),
            "said_twice": twice, "said_without_a_step": said - len(steps), "missed": sum(1 for _ in self._missed()),
            "late_p99": round(quantiles(late, n=100)[-1], 2), "late_max": round(max(late), 2),
        }

    def _minutes(self) -> int:
        return round((min(self.until, self.clock.now()) - self.begins).total_seconds() / 60)

    def _say_how_far(self) -> None:
        """Each simulated minute, beside the figures."""
        if self._minutes() > self.said:
            self.said = self._minutes()
            sys.stderr.write(f"minute {self.said} of {round(self.scenario.lasts.total_seconds() / 60)}, {self.killed} workers killed\n")

    def _missed(self) -> Iterator[str]:
        """What was due and never said, of those who still wait."""
        every = PolicyVersion.in_force().check_in_every
        heard: dict[Any, list[datetime]] = {}
        for handoff, at in Step.objects.filter(verb=CHECKED_IN).order_by("id").values_list("handoff", "at"):
            heard.setdefault(handoff, []).append(at)
        for row in Handoff.objects.filter(state=State.WAITING):
            moments = [row.waiting_since, *heard.get(row.pk, []), self.until]
            if row.pk in self.pages:
                yield from ("page" for a, b in pairwise(moments) if (b - a).total_seconds() > every + LATE + 1)
            elif row.pk not in self.closed:
                yield from ("letter" for minutes in (5, 15, 30) if not self._near(row.waiting_since + timedelta(minutes=minutes), moments))

    def _near(self, due: datetime, moments: Iterable[datetime]) -> bool:
        return due > self.until or any(0 <= (moment - due).total_seconds() <= LATE + 1 for moment in moments)

    def _people(self) -> None:
        """A team with somebody here, and customers who came within the minute before."""
        team = Team.objects.create(code="billing", name="Billing", public_name="Billing", general=True)
        assistant = Assistant.objects.create(code="juniper", name="Juniper")
        customer = Customer.objects.create(assistant=assistant, external_id="c")
        far = self.clock.now() + timedelta(days=2)
        self.agent = Agent.objects.create(username="ann", capacity=30000, lease_until=far)
        self.agent.teams.add(team)
        self.pages, self.handoffs = set[Any](), list[Any]()
        with transaction.atomic():
            for number in range(self.scenario.customers):
                on_page = self.chance.random() < self.scenario.on_page
                reach = {"page_open_until": far} if on_page else {"reply_by_email": "amara@example.com", "page_open_until": self.clock.now()}
                conversation = Conversation.objects.create(assistant=assistant, answered_by=assistant, customer=customer, external_id=str(number), **reach)
                handoff = turns.begin(conversation, Detection("explicit_request", "Asked for a person", {}))
                assert handoff is not None  # noqa: S101
                self.handoffs.append(handoff.pk)
                self.pages |= {handoff.pk} if on_page else set()

    def _beat(self) -> None:
        now = self.clock.now()
        for (beat, duty), at in self.ticks.items():
            if at <= now:
                self.ticks[beat, duty] = _tick(at, EVERY[duty], now + timedelta(microseconds=1))
                # As with a real beat, what was not begun when the same is asked for again is dropped.
                if self.due.count(duty) < 2:
                    self.due.append(duty)

    def _hand_out(self) -> None:
        for worker in self.workers:
            worker.look()
            if not worker.busy and self.due:
                worker.give(self.due.pop(0))
                after = chance_of_death(self.chance)
                if after is not None:
                    self.dying[worker] = time.monotonic() + after

    def _kill(self) -> None:
        for worker, at in list(self.dying.items()):
            if time.monotonic() < at:
                continue
            del self.dying[worker]
            if worker.busy:
                worker.kill()
                self.killed += 1
                self.workers[self.workers.index(worker)] = Worker(self.clock, DUTIES)

    def _happen(self) -> None:
        """Somebody is claimed, and somebody closes their page."""
        now = self.clock.now()
        if now < self.next_claim:
            return
        self.clock.set()
        self.next_claim = now + timedelta(seconds=self.chance.expovariate(1 / self.scenario.claim_every))
        first = Handoff.objects.filter(state=State.WAITING).select_related("team", "conversation__answered_by").order_by("rank_at").first()
        if first:
            receiving.claim(first, self.agent)
        if self.pages and self.chance.random() < 0.3:
            gone = self.chance.choice(sorted(self.pages, key=str))
            self.pages.discard(gone)
            self.closed.add(gone)
            Conversation.objects.filter(handoffs=gone).update(page_open_until=clock.now())

    def _next(self) -> datetime:
        """The first tick at which something can be to do: any of the notices, and of the sweeps the first with a check-in due."""
        due = Handoff.objects.filter(state=State.WAITING).aggregate(due=Min("due_at"))["due"] or self.until
        ticks = (_tick(at, EVERY[duty], due) if duty == "sweep" else at for (_, duty), at in self.ticks.items())
        return min(*ticks, self.next_claim, self.until)


def _tick(at: datetime, every: timedelta, since: datetime) -> datetime:
    """The first tick of a beat that is not before `since`."""
    return at + max(0, -(-(since - at) // every)) * every
