"""What replayed conversations add up to: counts by customer, a seeded sample of flips, and judged answers on both sides of the limit."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from handoffs.learned.estimates import Side
from handoffs.simulation.engine import Course, Handing, Outcome, Turning
from handoffs.simulation.stories import Story
from handoffs.simulation.tally import Tally

POLICIES = ("live", "draft")
FLIPS_KEPT = 200
TOPICS_COUNTED = 300


class Gathering:
    """Grows by no more than its tables, however many conversations it sees. `hour_of` gives a moment's hour of the week, Monday 0:00 first."""

    def __init__(self, hour_of: Callable[[datetime], int]) -> None:
        self.tally = Tally()
        self.hour_of = hour_of
        self.topics: set[str] = set()
        self.flips: list[tuple[str, Turning]] = []
        self.kinds: Counter[tuple[str, str]] = Counter()
        self.given, self.held = ({policy: Side() for policy in POLICIES} for _ in range(2))
        self.unjudgeable = {policy: 0 for policy in POLICIES}
        self.conversations = self.events = self.assumed = self.unknown = 0
        self.since: datetime | None = None
        self.until: datetime | None = None
        self._random = random.Random(0)

    def add(self, story: Story, outcome: Outcome) -> None:
        self.conversations += 1
        self.events += outcome.events
        self.assumed += outcome.assumed
        self.unknown += outcome.draft.unknown
        self._see(story.at)
        topic = self._topic(outcome.intent)
        self.tally.add("conversations", story.customer)
        self.tally.add(("topic", topic), story.customer)
        for policy, course in zip(POLICIES, (outcome.live, outcome.draft), strict=True):
            self._count(policy, topic, story, course)
        if outcome.flip:
            self._keep(story, outcome.flip)

    def _count(self, policy: str, topic: str, story: Story, course: Course) -> None:
        if course.asked:
            self.tally.add(("asked", policy), story.customer)
        if course.handings:
            self.tally.add(("handed", policy), story.customer)
            self.tally.add(("handed", policy, topic), story.customer)
        for handing in course.handings:
            self._hand(policy, story, handing)
        for answer in course.answers:
            side = self.given[policy] if answer.given else self.held[policy]
            if not answer.given and not answer.chance:
                self.unjudgeable[policy] += 1
                continue
            side.answers += 1
            if answer.right is not None and (answer.given or answer.shadow):
                side.add(not answer.right, story.customer, 1.0 if answer.given else answer.chance)

    def _hand(self, policy: str, story: Story, handing: Handing) -> None:
        self.tally.add(("handoffs", policy), story.customer)
        self.tally.add(("reason", policy, handing.trigger), story.customer)
        self.tally.add(("team", policy, handing.team), story.customer)
        if handing.at:
            self.tally.add(("hour", policy, handing.team, self.hour_of(handing.at)), story.customer)

    def _keep(self, story: Story, flip: Turning) -> None:
        """A sample of all flips, each as likely as the other (reservoir sampling, Vitter 1985)."""
        self.kinds[str(flip.before["action"]), str(flip.after["action"])] += 1
        if len(self.flips) < FLIPS_KEPT:
            self.flips.append((story.name, flip))
        elif (place := self._random.randrange(self.kinds.total())) < FLIPS_KEPT:
            self.flips[place] = (story.name, flip)

    def _topic(self, intent: str) -> str:
        intent = intent[:100].lower()
        if intent not in self.topics and len(self.topics) >= TOPICS_COUNTED:
            return ""
        self.topics.add(intent)
        return intent

    def _see(self, at: datetime | None) -> None:
        if at:
            self.since, self.until = min(self.since or at, at), max(self.until or at, at)
