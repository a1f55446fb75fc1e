"""Whatever people do, in whatever order: handoffs, offers, presence and the page's cursor, driven by chance and checked after each step."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import F
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from handoffs import offers, passing, receiving, roster, routing, tasks, turns
from handoffs.models import Agent, Assistant, Conversation, Customer, Handoff, Offer, PolicyVersion, Team
from handoffs.snapshots import Detection
from handoffs.states import OPEN, OWNER_IN, Owner, State
from handoffs.transitions import Forbidden, Stale

# More of them for a night's run: BATON_EXAMPLES=500.
EXAMPLES = int(os.environ.get("BATON_EXAMPLES", "0"))
NUMBERS = count(1)
# Handoffs of one run: more of them, and the acts would hardly meet.
MOST = 4
who = st.integers(0, 2)
which = st.integers(0, 9)


def drive(machine: type[RuleBasedStateMachine], examples: int, steps: int) -> None:
    """Run it: the same every time unless a longer run is asked for."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES or examples, stateful_step_count=steps, deadline=None, database=None,
                                                         derandomize=not EXAMPLES, suppress_health_check=quiet))


class Floor(RuleBasedStateMachine):
    """Two agents of billing and a supervisor; each run in a transaction of its own that is undone."""

    push = False

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.owners: dict[tuple[Any, int], tuple[Any, ...]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @initialize(first=st.integers(1, 2), second=st.integers(1, 2))
    def open_up(self, first: int, second: int) -> None:
        self.billing = Team.objects.create(code="billing", name="Billing", public_name="Billing", push=self.push)
        self.other = Team.objects.create(code="other", name="Other", public_name="Other", general=True)
        self.assistant = Assistant.objects.create(code="juniper", name="Juniper")
        self.customer = Customer.objects.create(assistant=self.assistant, external_id="amara", name="Amara Osei")
        until = timezone.now() + timedelta(hours=1)
        ann, bob, cara = (Agent(username=name, capacity=room, lease_until=until) for name, room in (("ann", first), ("bob", second), ("cara", 1)))
        cara.is_supervisor = True
        for agent in (ann, bob, cara):
            agent.save()
        self.billing.agents.set([ann, bob])
        self.agents = [agent.pk for agent in (ann, bob, cara)]
        for _ in range(3):
            self.a_customer_needs_a_person()

    @contextmanager
    def act(self) -> Iterator[None]:
        """Something somebody does: committed, followed by what follows a commit, or refused and without a trace."""
        before = self.picture()
        with TestCase.captureOnCommitCallbacks(execute=True):
            try:
                with transaction.atomic():
                    yield
            except (Stale, Forbidden):
                assert self.picture() == before, "what was refused changed something"

    def picture(self) -> list[Any]:
        rows = Handoff.objects.order_by("pk").values_list("pk", "state", "agent", "team", "offered_to", "conversation__epoch", "conversation__last_number")
        return [list(rows), list(Offer.objects.order_by("pk").values_list("pk", "outcome"))]

    def agent(self, index: int) -> Agent:
        return Agent.objects.get(pk=self.agents[index])

    def handoff(self, index: int) -> Handoff:
        rows = Handoff.objects.select_related("team", "agent", "conversation").order_by("created_at", "pk")
        return rows[index % rows.count()]

    @precondition(lambda self: Handoff.objects.count() < MOST)
    @rule()
    def a_customer_needs_a_person(self) -> None:
        number = next(NUMBERS)
        conversation = Conversation.objects.create(assistant=self.assistant, answered_by=self.assistant, customer=self.customer, external_id=f"c{number}")
        with self.act():
            handoff = turns.begin(conversation, Detection("assistant_decided", "It says so", {}, team="billing"))
            assert handoff is not None

    @rule(who=who, several=st.lists(which, min_size=1, max_size=4))
    def claims(self, who: int, several: list[int]) -> None:
        agent = self.agent(who)
        for each in several:
            with self.act():
                receiving.claim(self.handoff(each), agent)
                assert roster.load(agent) <= agent.capacity

    @rule(who=who, which=which, verb=st.sampled_from(["release", "transfer", "resolve", "undo", "hand_back", "say"]))
    def works_on_it(self, who: int, which: int, verb: str) -> None:
        agent, handoff = self.agent(who), self.handoff(which)
        acts: dict[str, Callable[[], object]] = {
            "release": lambda: receiving.release(handoff, agent), "transfer": lambda: passing.transfer(handoff, agent, self.other),
            "resolve": lambda: receiving.resolve(handoff, agent), "undo": lambda: passing.undo(handoff, agent),
            "hand_back": lambda: passing.hand_back(handoff, agent), "say": lambda: receiving.say(handoff, agent, "I am on it."),
        }
        with self.act():
            acts[verb]()

    @rule(which=which)
    def the_customer_writes(self, which: int) -> None:
        with self.act():
            turns.take(self.handoff(which).conversation, "Hello?", client_id=f"m{next(NUMBERS)}")

    @rule(which=which, late=st.integers(1, 2))
    def an_assistant_that_saw_an_old_epoch_says_nothing(self, which: int, late: int) -> None:
        conversation = self.handoff(which).conversation
        with self.act():
            turns.begin(conversation, Detection("assistant_decided", "It says so", {}), seen=conversation.epoch - late)
            raise Stale(conversation)

    @rule(who=who)
    def goes_without_a_word(self, who: int) -> None:
        Agent.objects.filter(pk=self.agents[who]).update(lease_until=timezone.now() - timedelta(hours=1))

    @rule(who=who)
    def comes_back(self, who: int) -> None:
        with self.act():
            roster.renew(self.agent(who), timedelta(hours=1))

    @rule()
    def time_passes(self) -> None:
        """Everything that waits for its time is due."""
        Handoff.objects.filter(due_at__isnull=False).update(due_at=timezone.now() - timedelta(seconds=1))
        with TestCase.captureOnCommitCallbacks(execute=True):
            tasks.sweep()

    @invariant()
    def each_conversation_has_one_owner_in_each_epoch(self) -> None:
        for row in Conversation.objects.all():
            owner = (row.owner, row.team_id, row.agent_id)
            assert self.owners.setdefault((row.pk, row.epoch), owner) == owner

    @invariant()
    def the_handoff_and_its_conversation_agree(self) -> None:
        for handoff in Handoff.objects.filter(state__in=OPEN).select_related("conversation"):
            conversation = handoff.conversation
            assert conversation.owner == OWNER_IN[State(handoff.state)]
            assert handoff.due_at is not None
            assert conversation.agent_id == (handoff.agent_id if conversation.owner == Owner.AGENT else None)

    @invariant()
    def turns_have_no_gap(self) -> None:
        for row in Conversation.objects.all():
            assert list(row.turns.values_list("number", flat=True)) == list(range(1, row.last_number + 1))

    @invariant()
    def what_is_held_for_somebody_has_one_open_offer(self) -> None:
        held = set(Handoff.objects.exclude(offered_to=None).values_list("pk", "offered_to", "state"))
        assert held == {(offer.handoff_id, offer.agent_id, State.WAITING.value) for offer in Offer.objects.filter(outcome="")}


class GivenOut(Floor):
    """The same in a team that gives its work out."""

    push = True

    @precondition(lambda self: Offer.objects.filter(outcome="").exists())
    @rule(which=which, accepts=st.booleans())
    def answers_an_offer(self, which: int, accepts: bool) -> None:
        rows = Offer.objects.filter(outcome="").select_related("agent", "handoff__team", "handoff__conversation").order_by("pk")
        offer = rows[which % rows.count()]
        with self.act():
            if accepts:
                receiving.accept(offer, offer.agent)
                assert roster.load(offer.agent) <= offer.agent.capacity
            else:
                offers.decline(offer)

    @rule(who=who, status=st.sampled_from(Agent.Status.values))
    def sets_a_status(self, who: int, status: str) -> None:
        with self.act():
            roster.set_status(self.agent(who), status)

    @rule(over=st.booleans())
    def a_second_passes(self, over: bool) -> None:
        """The light task; before it, the time of all offers may be over."""
        if over:
            Offer.objects.filter(outcome="").update(expires_at=timezone.now() - timedelta(seconds=1))
        with TestCase.captureOnCommitCallbacks(execute=True):
            tasks.offer()
        assert not offers.lapsed().exists()

    @rule(who=who)
    def is_cut_off_for_a_moment(self, who: int) -> None:
        """What was offered to them is withdrawn, and they are back."""
        self.goes_without_a_word(who)
        self.a_second_passes(over=False)
        self.comes_back(who)

    @invariant()
    def nobody_is_free_for_what_waits(self) -> None:
        teams = frozenset(["billing"])
        waiting = Handoff.objects.filter(state=State.WAITING, offered_to=None, team__push=True).select_related("team")
        free = roster.free_agents(teams, timezone.now())
        assert routing.choose([routing.as_waiting(handoff, self.had_it(handoff)) for handoff in waiting], free, timezone.now()) == ()

    def had_it(self, handoff: Handoff) -> frozenset[str]:
        """Who could have taken it, or had it and gave it up. An offer that was withdrawn was no chance of theirs."""
        asked = handoff.offers.exclude(outcome=Offer.Outcome.WITHDRAWN).values_list("agent", flat=True)
        released = handoff.steps.filter(verb="released", agent__isnull=False).values_list("agent", flat=True)
        return frozenset(map(str, (*asked, *released)))

    @invariant()
    def nobody_is_offered_the_same_twice(self) -> None:
        pairs = list(Offer.objects.values_list("handoff", "agent"))
        assert len(pairs) == len(set(pairs))


class Presence(RuleBasedStateMachine):
    """One agent's presence and status against what they should be, second by second. Time passes by moving what is stored into the past."""

    IDLE_FOR = 60

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        PolicyVersion.objects.create(body={"away_when_idle": self.IDLE_FOR}, published_at=timezone.now())
        team = Team.objects.create(code="billing", name="Billing", public_name="Billing")
        self.pk = Agent.objects.create(username="ann").pk
        team.agents.add(self.pk)
        self.left, self.status, self.by_rule, self.since = 0, "available", False, 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @property
    def ann(self) -> Agent:
        return Agent.objects.get(pk=self.pk)

    @rule(seconds=st.integers(1, 80))
    def time_passes(self, seconds: int) -> None:
        by = timedelta(seconds=seconds)
        Agent.objects.filter(pk=self.pk).update(lease_until=F("lease_until") - by, status_since=F("status_since") - by)
        self.left, self.since = max(0, self.left - seconds), self.since + seconds

    @rule()
    def opens_a_page(self) -> None:
        roster.renew(self.ann)
        self.left = max(self.left, 35)

    @rule()
    def calls_the_api(self) -> None:
        roster.renew(self.ann, roster.API_LEASE)
        # One that is all but as long is left as it is.
        self.left = self.left if self.left > 588 else 600

    @rule(idle=st.integers(0, 90))
    def a_page_answers(self, idle: int) -> None:
        roster.pulse({self.pk: idle})
        self.left = max(self.left, 35)
        if idle >= self.IDLE_FOR and self.status == "available" and self.since >= self.IDLE_FOR:
            self.status, self.by_rule, self.since = "away", True, 0
        elif idle < self.IDLE_FOR and self.by_rule:
            self.status, self.by_rule, self.since = "available", False, 0

    @rule(status=st.sampled_from(Agent.Status.values))
    def sets_a_status(self, status: str) -> None:
        roster.set_status(self.ann, status)
        self.status, self.by_rule, self.since = status, False, 0

    @invariant()
    def is_where_they_should_be(self) -> None:
        here, free = roster.here().exists(), bool(roster.free_agents(["billing"], timezone.now()))
        assert (self.ann.status, here, free) == (self.status, self.left > 0 and self.status != "away", self.left > 0 and self.status == "available")


class Cursor(RuleBasedStateMachine):
    """The rule of static/live.js: whatever is lost, late or sent twice, a page has turns 1..n in order, and in the end what the server has."""

    def __init__(self) -> None:
        super().__init__()
        self.server = self.pushed = 0
        self.page: list[int] = []
        self.known = self.held = self.coming = 0
        self.line: list[tuple[str, Any]] = []
        self.is_open, self.pulled = False, None

    def send(self, after: int) -> None:
        """What the server sends a socket that has the turns up to `after`: an announcement, and then the turns."""
        if self.is_open and self.server > after:
            self.line += [("announced", (after, self.server)), ("turns", list(range(after + 1, self.server + 1)))]

    @rule(turns=st.integers(1, 3))
    def somebody_speaks(self, turns: int) -> None:
        self.server += turns

    @rule()
    def the_hub_pushes(self) -> None:
        self.send(self.pushed)
        self.pushed = self.server

    @precondition(lambda self: self.line)
    @rule()
    def a_frame_is_lost_with_what_belongs_to_it(self) -> None:
        """As when a reading failed, or the hint was lost and another process pushed."""
        if self.line[0][0] == "announced":
            del self.line[:2]

    @precondition(lambda self: self.line)
    @rule()
    def a_frame_arrives(self) -> None:
        kind, what = self.line.pop(0)
        getattr(self, kind)(*what) if kind == "announced" else self.turns(what)

    def announced(self, after: int, head: int) -> None:
        self.held = after if after > self.known else 0
        self.coming = head
        if self.held:
            self.asks()

    def turns(self, numbers: list[int]) -> None:
        if self.held > self.known:
            return
        self.show(numbers)
        self.known = max(self.known, self.coming)

    def show(self, numbers: list[int]) -> None:
        self.page += [number for number in numbers if number not in self.page]

    @rule()
    def asks(self) -> None:
        """On a gap, on focus and after a reconnection: over the socket, or by a pull."""
        if self.is_open:
            self.send(self.known)
        elif self.pulled is None:
            self.pulls()

    @rule()
    def pulls(self) -> None:
        if self.pulled is None:
            self.pulled = (self.known, self.server)

    @precondition(lambda self: self.pulled is not None)
    @rule()
    def the_pull_is_answered(self) -> None:
        assert self.pulled is not None
        (after, head), self.pulled = self.pulled, None
        self.show(list(range(after + 1, head + 1)))
        self.known = max(self.known, head)

    @rule()
    def the_line_is_cut(self) -> None:
        self.is_open, self.line = False, []

    @precondition(lambda self: not self.is_open)
    @rule()
    def the_page_reconnects(self) -> None:
        self.is_open, self.held = True, 0
        self.send(self.known)

    @invariant()
    def the_page_has_no_gap(self) -> None:
        assert self.page == list(range(1, len(self.page) + 1))

    def teardown(self) -> None:
        """A calm moment: everything arrives, and the page looks once more."""
        while self.line:
            self.a_frame_arrives()
        if self.pulled:
            self.the_pull_is_answered()
        self.pulls()
        self.the_pull_is_answered()
        assert self.page == list(range(1, self.server + 1))


def test_handoffs(db: None) -> None:
    drive(Floor, 6, 18)


def test_offers(db: None) -> None:
    drive(GivenOut, 6, 18)


def test_presence(db: None) -> None:
    drive(Presence, 6, 14)


def test_the_pages_cursor() -> None:
    drive(Cursor, 50, 25)
