"""Where a replayed conversation is: what was said and tried so far, as a policy would see it next. Pure."""

from collections import deque
from dataclasses import replace
from datetime import datetime

from handoffs import feeling
from handoffs.history import LINES_JUDGED
from handoffs.simulation.stories import Event, HandedBack, HandedOff, Proposed, Said, Story
from handoffs.snapshots import Author, Line, Transcript, Tried

# Silence is noticed by a sweep each second; an answer that came meanwhile was in time.
BEAT = 1.0


class Moment:
    """Where a story is: what a policy would see next."""

    def __init__(self, story: Story) -> None:
        self.known, self.copilot = dict(story.known), story.copilot
        self.intent = ""
        self._begin()

    def _begin(self) -> None:
        self.lines: deque[Line] = deque(maxlen=LINES_JUDGED)
        self.tried: tuple[Tried, ...] = ()
        self.owed_since: datetime | None = None
        self.with_people = False

    def transcript(self, newest: Line | None = None) -> Transcript:
        lines = (*self.lines, newest) if newest else tuple(self.lines)
        return Transcript(lines=lines, tried=self.tried, facts=self.known, copilot=self.copilot)

    def felt(self, event: Event) -> Event:
        """A customer's words with how they feel, judged once as when they are said live; stored words were."""
        if not isinstance(event, Said) or event.line.author is not Author.CUSTOMER or event.line.mood or self.with_people:
            return event
        mood, tension = feeling.judge(event.line.text, tuple(self.lines))
        return replace(event, line=replace(event.line, mood=mood, tension=tension))

    def silent_until(self, event: Event) -> float:
        """Seconds the assistant has owed an answer when this happens, if a sweep would have seen them."""
        if isinstance(event, HandedOff) and event.silent_for:
            return event.silent_for
        if self.owed_since is None or event.at is None:
            return 0.0
        return max(0.0, (event.at - self.owed_since).total_seconds() - BEAT)

    def hear(self, event: Event) -> None:
        match event:
            case HandedBack():
                self._begin()
            case HandedOff():
                self.with_people = True
            case Said(line, at) if not self.with_people:
                self.lines.append(line)
                self.intent = line.intent or self.intent
                self.owed_since = (self.owed_since or at) if line.author is Author.CUSTOMER else None
            case Proposed(proposal) if not self.with_people:
                self.tried = (*self.tried, *proposal.attempts)[-LINES_JUDGED:]
                self.known = {**self.known, **proposal.facts} if proposal.facts else self.known
                self.intent = proposal.intent or self.intent
