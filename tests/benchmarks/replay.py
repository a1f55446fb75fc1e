"""How many conversations a replay runs in a second, and whether its memory stays flat. Run: python -m tests.benchmarks.replay [CONVERSATIONS]

Stories of four customer turns with words of their own, judged under two policies, against a loop that only judges words like them under
one policy; both in the same run, in turn, by the process's own CPU time. Stored turns have their mood, those of an import do not.
Then an import of growing size, for the memory.
"""

import gzip
import json
import os
import random
import time
import tracemalloc
from collections.abc import Callable, Iterator

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from handoffs import detection
from handoffs.learned import feelings, requests
from handoffs.policy import Policy
from handoffs.simulation import imported, staffing
from handoffs.simulation.engine import Engine
from handoffs.simulation.gathering import Gathering
from handoffs.simulation.stories import Proposed, Said, Story
from handoffs.snapshots import Author, Line, Mood, Proposal, Transcript
from tests.benchmarks import measured

ASKED = ("Where is my {0} from {1}?", "The {0} does not work since {1}.", "Can I change the {0} I ordered in {1}?", "How do I return a {0} bought in {1}?",
         "What does the {0} cost in {1}?", "My {0} came broken to {1}, what now?")
# Words that only the model of requests can tell from asking for a person; of real messages 3 to 9 in 100 are such.
UNSURE, OFTEN = ("Can someone in {1} repair the {0}?", "Who can I call about the {0} in {1}?"), 0.09
THINGS = ("camera", "mount", "plan", "doorbell", "sensor", "battery", "invoice", "cable", "lamp", "lock")
LIVE, DRAFT = Policy(), Policy(answer_at=0.9, clarify_at=0.8)


def stories(count: int, mood: Mood | None = Mood.NEUTRAL) -> Iterator[Story]:
    chance = random.Random(mood or "import")
    for number in range(count):
        events: list[Said | Proposed] = []
        for turn in range(1, 8, 2):
            sure = chance.uniform(0.7, 1)
            words = chance.choice(UNSURE if chance.random() < OFTEN else ASKED).format(chance.choice(THINGS), f"place {chance.randrange(100_000)}")
            answer = f"Here is what I found for case {chance.randrange(100_000)}."
            events += [Said(Line(Author.CUSTOMER, words, turn, mood=mood, tension=0.3)), Proposed(Proposal(answer, sure, "orders"), given=True),
                       Said(Line(Author.ASSISTANT, answer, turn + 1))]
        yield Story(f"c-{number}", f"u-{number % 5000}", tuple(events))


def judged_once(given: list[Story]) -> None:
    """The baseline: the same words, each judged once, with nothing before them."""
    for story in given:
        for event in story.events:
            if isinstance(event, Said) and event.line.author is Author.CUSTOMER:
                detection.detect(Transcript(lines=(event.line,)), LIVE)
            elif isinstance(event, Proposed):
                detection.detect(Transcript(proposal=event.proposal), LIVE)


def replayed(given: list[Story]) -> None:
    engine, gathered = Engine(LIVE, DRAFT, lambda *_: "general"), Gathering(staffing.hour_of)
    for story in given:
        gathered.add(story, engine.replay(story))


def a_second(work: Callable[[list[Story]], None], given: list[Story]) -> float:
    start = time.process_time()
    work(given)
    return len(given) / (time.process_time() - start)


def packed(count: int) -> bytes:
    lines = []
    for story in stories(count, None):
        events = [
            {"type": "proposal", "text": event.proposal.text, "confidence": event.proposal.confidence} if isinstance(event, Proposed)
            else {"type": event.line.author.value, "text": event.line.text}
            for event in story.events if isinstance(event, Proposed | Said)
        ]
        lines.append(json.dumps({"id": story.name, "customer": story.customer, "events": events}))
    return gzip.compress("\n".join(lines).encode())


def peak(count: int) -> float:
    """The most memory in MB that a replay of an import takes beside the file itself."""
    body = packed(count)
    engine, gathered = Engine(LIVE, DRAFT, lambda *_: "general"), Gathering(staffing.hour_of)
    tracemalloc.start()
    for story in imported.stories(body, imported.Broken()):
        if story:
            gathered.add(story, engine.replay(story))
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return most


def timed(kind: str, count: int, mood: Mood | None) -> measured.Row:
    given = list(stories(2 * count, mood))
    once, twice = a_second(judged_once, given[:count]), a_second(replayed, given[count:])
    return measured.figure(f"replayed under two policies, {kind}", twice, once, unit="/s")


def main(count: int) -> None:
    replayed(list(stories(20, Mood.CONTENT)))
    rows = [timed("stored, with the models", count, Mood.NEUTRAL), timed("imported, with the models", count, None)]
    # What happens when a model's file is missing.
    requests.shipped = feelings.shipped = lambda: None  # type: ignore[assignment]
    rows += [timed("stored, rules alone", count, Mood.WORRIED)]
    rows += [measured.figure(f"memory at {size} conversations", peak(size), unit="MB") for size in (count // 4, count // 2, count)]
    measured.show("replay", rows)


if __name__ == "__main__":
    main(int(next(iter(measured.arguments()), 1000)))
