"""How long packing a brief takes on one core, against the least that reading the words costs. Run: python -m tests.benchmarks.packing [DIALOGUES]

DIALOGUES is a file of STAR's dialogues as they were published (JSON lines, gzip or not); 1,000 of them are packed, chosen by a seed. Without it a
generated conversation of 40 turns is packed as often. Then one of 2,000 turns. Times are of the processor; turns come with no mood, so that each
feeling is judged anew: stored turns have theirs.
"""

import os
import random
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from handoffs import feeling, packaging
from handoffs.evaluation.files import read
from handoffs.evaluation.star import ASKED, handed_over
from handoffs.snapshots import Author, Detection, Line, Mood, Outcome, Transcript, Tried
from tests.benchmarks import measured

MANY, SEED = 1000, 5
WORD = re.compile(r"\w+")
WORDS = (
    "I was charged twice for order A-{0}, €14 each.", "It is still there, I looked {0} times since last Tuesday.", "My name is Amara Osei, can you refund me?",
    "No, that does not help me at all.", "Actually make it 7 pm on the 5th of May.",
)
ANSWERS = (
    "May I have your order number, please?", "Invoices from this month appear tomorrow.", "Could you give me your name?", "When would you like to be called?",
)
Told = tuple[Transcript, tuple[Detection, ...]]


def generated(turns: int, seed: int = SEED) -> Told:
    """A conversation of so many turns with a step before each second answer."""
    chance = random.Random(seed)
    texts = ((WORDS, ANSWERS)[number % 2][chance.randrange(4)].format(chance.randrange(9999)) for number in range(turns))
    lines = tuple(Line(Author.ASSISTANT if number % 2 == 0 else Author.CUSTOMER, text, number) for number, text in enumerate(texts, 1))
    tried = tuple(Tried(f"Step {number % 40}", Outcome.FAILED if number % 7 else Outcome.DONE, turn=number) for number in range(1, turns, 4))
    return Transcript(lines=lines, tried=tried), (ASKED,)


def recorded(path: Path) -> list[Told]:
    rows = [row for row in read([path]) if row.get("events")]
    return [handed_over(row["events"]) for row in random.Random(SEED).sample(rows, min(MANY, len(rows)))]


def felt(told: Told) -> Told:
    """The same as it is stored: each turn has its mood."""
    transcript, found = told
    return replace(transcript, lines=tuple(replace(line, mood=Mood.NEUTRAL, tension=0.1) for line in transcript.lines)), found


def timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def packed(told: Told) -> float:
    return timed(lambda: packaging.pack(*told, name="Amara Osei"))


def words(told: Told) -> float:
    return timed(lambda: [WORD.findall(line.text) for line in told[0].lines])


def main(path: Path | None) -> None:
    given = recorded(path) if path else [generated(40, seed) for seed in range(MANY)]
    long = generated(2000)
    feeling.judge("The models are read before anything is timed.")
    packaging.pack(*given[0])
    baseline, stored, new = [], [], []
    for told in given:
        baseline.append(words(told))
        stored.append(packed(felt(told)))
        new.append(packed(told))
    measured.show("packing", [
        measured.row(f"the words of {len(given)} conversations", baseline), measured.row("their briefs, feelings stored", stored, baseline),
        measured.row("their briefs, feelings judged anew", new, baseline),
        measured.row("the brief of 2,000 turns", [packed(felt(long)) for _ in range(10)], [words(long) for _ in range(10)]),
    ])


if __name__ == "__main__":
    main(next(map(Path, measured.arguments()), None))
