"""Loads what judges before the first customer speaks, so that none of them waits for it."""

import gc

from handoffs import detection, feeling
from handoffs.learned import languages
from handoffs.policy import Policy
from handoffs.snapshots import Author, Line, Transcript

HELLO = Transcript(lines=(Line(Author.CUSTOMER, "How do I return a camera?"),))


def judge_something() -> None:
    """Every trigger, the language and the feeling, once."""
    detection.detect(HELLO, Policy.model_validate({}))
    languages.detect(HELLO.said[-1].text)
    feeling.over(HELLO.said)


def settle() -> None:
    """What is loaded by now stays: looking through it for garbage again and again took a seventh of a handoff's processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
