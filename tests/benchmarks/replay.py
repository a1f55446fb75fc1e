"""How many conversations a replay runs in a second, and whether its memory stays flat. Run: python -m tests.benchmarks.replay [CONVERSATIONS]

Stories of four customer turns with words of their own, judged under two policies, against a loop that only judges the same words under
one policy; both in the same run, in turn, with the process's own CPU time. Then the same from an import of growing size, for the memory.
"""

import gzip
import json
import os
import random
import sys
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
from handoffs.snapshots import Author, Line, Proposal, Transcript

ASKED = ("Where is my {0} from {1}?", "The {0} does not work since {1}.", "Can I change the {0} I ordered in {1}?", "How do I return a {0} bought in {1}?",
         "What does the {0} cost in {1}?", "My {0} came broken to {1}, what now?")
THINGS = ("camera", "mount", "plan", "doorbell", "sensor", "battery", "invoice", "cable", "lamp", "lock")
LIVE, DRAFT = Policy(), Policy(answer_at=0.9, clarify_at=0.8)


def stories(count: int) -> Iterator[Story]:
    chance = random.Random(0)
    for number in range(count):
        events: list[Said | Proposed] = []
        for turn in range(1, 8, 2):
            words = chance.choice(ASKED).format(chance.choice(THINGS), f"place {chance.randrange(100_000)}")
            answer = f"Here is what I found for case {chance.randrange(100_000)}."
            events += [Said(Line(Author.CUSTOMER, words, turn)), Proposed(Proposal(answer, chance.uniform(0.7, 1), "orders"), given=True),
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
    for story in stories(count):
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


def timed(kind: str, given: list[Story]) -> None:
    half = len(given) // 2
    once, twice = a_second(judged_once, given[:half]), a_second(replayed, given[half:])
    print(f"{kind}: {half} conversations of 4 turns, judged once {once:5.0f}/s, replayed under two policies {twice:5.0f}/s ({8 * twice:6.0f} judgements)")


def main(count: int) -> None:
    every = list(stories(4 * count))
    judged_once(every[:20])
    timed("with the models", every[: 2 * count])
    # What happens when a model's file is missing.
    requests.shipped = feelings.shipped = lambda: None  # type: ignore[assignment]
    timed("rules alone    ", every[2 * count :])
    for size in (count // 4, count // 2, count):
        print(f"memory at {size:6} conversations: {peak(size):5.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
