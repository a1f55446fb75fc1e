"""One conversation under two policies, judged by exactly what judges live. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from handoffs import detection
from handoffs.learned.calibration import Map
from handoffs.policy import Policy
from handoffs.simulation.moment import Moment
from handoffs.simulation.stories import Event, HandedBack, HandedOff, Proposed, Said, Story
from handoffs.snapshots import Action, Author, Detection, Judgement, Transcript

NO_ANSWER = Detection("assistant_failed", "No answer")

Route = Callable[[Story, Transcript, tuple[Detection, ...]], str]


@dataclass(frozen=True)
class Handing:
    """A handoff under a policy: why, when, and the team it would wait with."""

    trigger: str
    team: str
    at: datetime | None


@dataclass
class Course:
    """What a conversation becomes under one policy. `over` when nothing more can be known: a person has it, or history stopped."""

    policy: Policy
    worth: Mapping[str, Map]
    over: bool = False
    waits: bool = False  # a person has it, as in history
    unknown: bool = False  # history handed off, this policy does not
    asked: bool = False
    handings: list[Handing] = field(default_factory=list)
    answers: list[Proposed] = field(default_factory=list)


@dataclass(frozen=True)
class Turning:
    """The first event the two policies decide otherwise: the customer's words it turns on, and both decisions."""

    words: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass
class Outcome:
    """A replayed conversation: its course under each policy, where they part, and the last intent anybody named."""

    live: Course
    draft: Course
    events: int = 0
    flip: Turning | None = None
    assumed: bool = False  # one asks first where the other answers
    intent: str = ""


class Engine:
    """Replays stories under the policy in force and a draft. `worth` is what each assistant's confidence has turned out to be worth."""

    def __init__(self, live: Policy, draft: Policy, route: Route, worth: Mapping[str, Map] | None = None) -> None:
        self.live, self.draft, self.route, self.worth = live, draft, route, worth or {}
        self.patience = min(live.silent_after, draft.silent_after)

    def replay(self, story: Story) -> Outcome:
        outcome = Outcome(Course(self.live, self.worth), Course(self.draft, self.worth))
        now = Moment(story)
        for event in story.events:
            if outcome.live.over and outcome.draft.over:
                break
            outcome.events += 1
            event = now.felt(event)
            self._judge(story, now, event, outcome)
            now.hear(event)
        outcome.intent = now.intent
        return outcome

    def _judge(self, story: Story, now: Moment, event: Event, outcome: Outcome) -> None:
        for course in (outcome.live, outcome.draft):
            # It waits although history went on, so that all that follows is another story; handed back, it is the same one again.
            course.over |= course.waits and not (now.with_people or isinstance(event, HandedOff))
            course.waits &= not isinstance(event, HandedBack)
        if now.with_people:
            return
        if (silent := now.silent_until(event)) >= self.patience:
            self._decide(story, replace(now.transcript(), silent_for=silent), event, outcome)
        match event:
            case Said(line) if line.author is Author.CUSTOMER:
                self._decide(story, now.transcript(line), event, outcome)
            case Proposed(proposal):
                self._decide(story, replace(now.transcript(), proposal=proposal), event, outcome)
            case HandedOff(found=found):
                if found:
                    self._begin(story, now.transcript(), (found,), event, outcome)
                _part(outcome)

    def _decide(self, story: Story, transcript: Transcript, event: Event, outcome: Outcome) -> None:
        """Ask both policies, note what each does, and where they part for the first time."""
        together = not (outcome.live.over or outcome.live.waits or outcome.draft.over or outcome.draft.waits)
        judged = [self._course(story, transcript, event, course) for course in (outcome.live, outcome.draft)]
        if not together or judged[0].action is judged[1].action:
            return
        outcome.assumed |= Action.HAND_OFF not in (judged[0].action, judged[1].action)
        if outcome.flip is None:
            words = transcript.said[-1].text if transcript.said else ""
            before, after = (_shown(transcript, each) for each in judged)
            outcome.flip = Turning(words, before, after)

    def _course(self, story: Story, transcript: Transcript, event: Event, course: Course) -> Judgement:
        if course.over or course.waits:
            return Judgement(Action.NONE)
        judged = _judged(transcript, course, story.calibrated_by)
        if judged.action is Action.HAND_OFF:
            self._hand(story, transcript, judged.detections, event, course)
        elif isinstance(event, Proposed) and not transcript.silent_for:
            course.asked |= judged.action is Action.CLARIFY
            if judged.action is Action.ANSWER and event.proposal.text and not event.proposal.clarifying:
                course.answers.append(event)
        return judged

    def _begin(self, story: Story, transcript: Transcript, found: tuple[Detection, ...], event: Event, outcome: Outcome) -> None:
        for course in (outcome.live, outcome.draft):
            if not (course.over or course.waits):
                self._hand(story, transcript, found, event, course)

    def _hand(self, story: Story, transcript: Transcript, found: tuple[Detection, ...], event: Event, course: Course) -> None:
        course.waits = True
        course.handings.append(Handing(found[0].trigger, self.route(story, transcript, found), event.at))


def _judged(transcript: Transcript, course: Course, assistant: str) -> Judgement:
    if transcript.silent_for:
        if transcript.silent_for < course.policy.silent_after:
            return Judgement(Action.ANSWER)
        judged = detection.detect(transcript, course.policy)
        return Judgement(Action.HAND_OFF, judged.detections or (NO_ANSWER,))
    if transcript.proposal and course.policy.calibrated and assistant in course.worth:
        transcript = replace(transcript, proposal=course.worth[assistant].judge(transcript.proposal))
    return detection.detect(transcript, course.policy)


def _part(outcome: Outcome) -> None:
    """History handed off here: a policy that did so too goes on with it; what follows for any other is unknown."""
    for course in (outcome.live, outcome.draft):
        if not course.over and not course.waits:
            course.unknown = course.over = True


def _shown(transcript: Transcript, judged: Judgement) -> dict[str, Any]:
    found, proposal = judged.detection, transcript.proposal
    return {
        "action": judged.action.value, "trigger": found.trigger if found else "", "reason": found.reason if found else "",
        "team": found.team if found else "", "number": transcript.lines[-1].number if transcript.lines else 0,
        "confidence": proposal.confidence if proposal else None, "evidence": found.evidence if found else {},
    }
