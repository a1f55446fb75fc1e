"""How long judging takes on one core, against the least that reading a text costs. Run: python -m tests.benchmarks.judging [DIALOGUES]

DIALOGUES is a file of dialogues as in console/demo/star.jsonl, the default. Everything is timed in one run, as time of the processor: a customer's turn
through every trigger and the feeling, a turn seen for the first time, a proposal, and whole conversations as a replay judges them.
"""

import gzip
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from console.demo import dialogues
from handoffs import detection, feeling, grounding, topics, wording
from handoffs.learned import requests
from handoffs.policy import Policy
from handoffs.snapshots import Author, Line, Outcome, Proposal, Transcript, Tried

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


def show(name: str, times: list[float], baseline: list[float]) -> None:
    print(f"{name:42} median {median(times):7.3f} ms   p99 {quantiles(times, n=100)[98]:7.3f} ms   {median(times) / median(baseline):6.1f} × baseline")


def main(path: Path) -> None:
    played = conversations(path)
    asked = [event for events in played for event in events if event.newest]
    proposed = [event for events in played for event in events if event.proposal]
    detection.detect(asked[0], POLICY)
    baseline = [timed(lambda event=event: WORD.findall(event.lines[-1].text)) for event in asked]
    show(f"baseline: the words of a turn ({len(asked)})", baseline, baseline)
    show("a customer's turn, with its feeling", [timed(lambda event=event: customers_turn(event)) for event in asked], baseline)
    show("the same, nothing read before", [timed(lambda event=event: unseen(event)) for event in asked], baseline)
    show(f"an assistant's proposal ({len(proposed)})", [timed(lambda event=event: detection.detect(event, POLICY)) for event in proposed], baseline)
    requests.wish.cache_clear()
    print(f"with the learned models: {len(played) / replayed(played):,.0f} conversations/s of {sum(map(len, played)) / len(played):.1f} events")
    print(f"rules alone: {len(played) / replayed(played):,.0f} conversations/s; without texts of sources to check {len(played) / replayed(bare(played)):,.0f}")
    for trigger in detection.triggers():
        print(f"  {trigger.code:18} {1000 * replayed(played, trigger.detect) / len(played):6.3f} ms a conversation")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else dialogues.SAMPLE)
