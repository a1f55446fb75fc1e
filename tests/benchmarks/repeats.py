"""How long the check while typing takes on one core, against the least that reading the message costs. Run: python -m tests.benchmarks.repeats [DIALOGUES]

DIALOGUES is a file of dialogues as in console/demo/star.jsonl, the default. Each message of an agent there is checked against a full brief (60 known things,
12 tried steps), nothing of the message remembered; then a message of the greatest length. Times are of the processor, in milliseconds.
"""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from handoffs import repeats
from handoffs.briefing.fields import FIELDS
from handoffs.evaluation.files import read
from handoffs.learned import repeats as asking
from handoffs.snapshots import LONGEST_TEXT, Brief, BriefAttempt, Fact
from tests.benchmarks import measured

WORD = re.compile(r"\w+")
MOST = 3000
FACTS = [Fact(name=field.code, value=f"A-{at}", turn=at + 1) for at, field in enumerate(FIELDS)]
BRIEF = Brief(facts=(*FACTS, *(Fact(name=f"detail {at}", value=f"B-{at}") for at in range(30))),
              attempts=tuple(BriefAttempt(step=f"Restarted the router number {at}") for at in range(12)))
LONGEST = {"one sentence": "your order number " * 1000, "questions": "What is your order number? " * 700, "words": "and " * 4000}


def took(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return 1000 * (time.process_time() - began)


def check(text: str) -> float:
    asking.forget()
    return took(lambda: repeats.check(BRIEF, text))


def main() -> None:
    paths = [Path(name) for name in measured.arguments()] or [Path("console/demo/star.jsonl")]
    texts = [event["text"] for row in read(paths) for event in row["events"] if event["who"] in ("agent", "assistant") and event.get("text")][:MOST]
    check(texts[0])
    times, least = [check(text) for text in texts], [took(lambda text=text: WORD.findall(text.lower())) for text in texts]  # type: ignore[misc]
    long = [measured.row(f"the longest message, {name}", [check(text[:LONGEST_TEXT]) for _ in range(3)]) for name, text in LONGEST.items()]
    measured.show("repeats", [measured.row(f"checking one of {len(times)} messages", times, least), *long])


if __name__ == "__main__":
    main()
