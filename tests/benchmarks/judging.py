"""How long judging takes on one core, against the least that reading a text costs. Run: python -m tests.benchmarks.judging [DIALOGUES]

DIALOGUES is a file of dialogues as in console/demo/star.jsonl, the default. Everything is timed in one run, as time of the processor: a customer's turn
through every trigger and the feeling, a turn seen for the first time, a proposal, and whole conversations as a replay judges them.
"""

import gzip
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from console.demo import dialogues
from handoffs import detection, feeling, grounding, topics, wording
from handoffs.learned import requests
from handoffs.policy import Policy
from handoffs.snapshots import Author, Line, Outcome, Proposal, Transcript, Tried
from tests.benchmarks import measured

POLICY = Policy()
WORD = re.compile(r"\w+")


def conversations(path: Path) -> list[list[Transcript]]:
    """Each dialogue as what is judged in it, one event after the other."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return [list(_events(dialogues.dialogue(dialogues.json.loads(row)))) for row in file]


def _events(dialogue: dialogues.Dialogue) -> Iterator[Transcript]:
    transcript = Transcript()
    for number, said in enumerate(dialogue.said, 1):
        if said.author == "customer":
            mood, tension = feeling.judge(said.text)
            transcript = replace(transcript, lines=(*transcript.lines, Line(Author.CUSTOMER, said.text, number, mood=mood, tension=tension)))
            yield transcript
        else:
            proposal = _proposal(said)
            yield replace(transcript, proposal=proposal)
            line = Line(Author.ASSISTANT, said.text, number)
            transcript = replace(transcript, lines=(*transcript.lines, line), tried=(*transcript.tried, *proposal.attempts))


def _proposal(said: dialogues.Said) -> Proposal:
    reported = said.reported
    tried = tuple(Tried(row["step"], Outcome(row["outcome"]), row["detail"], row["shown"]) for row in reported.get("attempts", []))
    sources = tuple({"title": "Records", "text": f"{row.step}: {row.detail}"} for row in tried)
    return Proposal(said.text, reported["confidence"], reported["intent"], sources=sources, attempts=tried)


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def customers_turn(transcript: Transcript) -> None:
    newest = transcript.lines[-1]
    feeling.judge(newest.text)
    detection.detect(transcript, POLICY)


def unseen(transcript: Transcript) -> None:
    """The same when no text of the conversation has been read before, as after a start."""
    wording.read.cache_clear()
    requests.wish.cache_clear()
    customers_turn(transcript)


def bare(played: list[list[Transcript]]) -> list[list[Transcript]]:
    """The same conversations as they were recorded: sources have no texts."""
    return [[replace(event, proposal=event.proposal and replace(event.proposal, sources=())) for event in events] for events in played]


def replayed(played: list[list[Transcript]], judge: Callable[[Transcript, Policy], object] = detection.detect) -> float:
    """Seconds for all conversations, each text read anew; what the learned models said of it is kept, so that the rules are timed."""
    wording.read.cache_clear()
    grounding.support.cache_clear()
    topics.raised.cache_clear()
    start = time.process_time()
    for events in played:
        for event in events:
            judge(event, POLICY)
    return time.process_time() - start


def main(path: Path) -> None:
    played = conversations(path)
    asked = [event for events in played for event in events if event.newest]
    proposed = [event for events in played for event in events if event.proposal]
    detection.detect(asked[0], POLICY)
    baseline = [timed(lambda event=event: WORD.findall(event.lines[-1].text)) for event in asked]
    rows = [
        measured.row(f"the words of a turn ({len(asked)})", baseline),
        measured.row("a customer's turn, with its feeling", [timed(lambda event=event: customers_turn(event)) for event in asked], baseline),
        measured.row("the same, nothing read before", [timed(lambda event=event: unseen(event)) for event in asked], baseline),
        measured.row("an assistant's proposal", [timed(lambda event=event: detection.detect(event, POLICY)) for event in proposed], baseline),
    ]
    requests.wish.cache_clear()
    models, alone, without = replayed(played), replayed(played), replayed(bare(played))
    rows += [measured.figure(f"conversations, {what}", len(played) / took, unit="/s")
             for what, took in (("with the learned models", models), ("rules alone", alone), ("rules alone, no texts of sources", without))]
    each = [(trigger.code, 1000 * replayed(played, trigger.detect) / len(played)) for trigger in detection.triggers()]
    rows += [measured.figure(f"{code}, a conversation", took, unit="ms") for code, took in each]
    measured.show("judging", rows)


if __name__ == "__main__":
    main(next(map(Path, measured.arguments()), dialogues.SAMPLE))
