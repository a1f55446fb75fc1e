"""What the customer needs, in one line."""

import re

from handoffs.learned.asking import asked
from handoffs.snapshots import Line

NO_GOAL = "Talk to a person"
GOAL_LENGTH = 110
GREETING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear \w+|yes|no|ok(?:ay)?|so|well|please|sorry|thanks?(?: you)?)\b"
    r"[\s,.!:;]*(?:there\b[\s,.!]*)?)+",
    re.I,
)
SMALL_TALK = re.compile(
    r"^\W*(?:thanks?(?: you)?|ok(?:ay)?|yes|no|sure|great|bye|goodbye|hello|hi|hey|please|fine|right|got it|cool"
    r"|my name is [\w .'-]+|i am [A-Z]\w+)\b[\s\w,.!]{0,25}$",
    re.I,
)
WISHING = re.compile(r"\b(?:i|you|me|want|need|would|like|to|can|could|please|just|now|get|let)\b", re.I)
NEED = re.compile(
    r"\b(want|need|would like|i'd like|can you|could you|help|how (?:do|can)|cancel|refund|change|book|find|fix|stop|return"
    r"|where is|why|trying to|lost|problem|issue)\b",
    re.I,
)
READ = 2000  # characters of a turn


def goal_of(said: tuple[Line, ...]) -> str:
    """What the customer needs, in one line: the clearest need they voiced, not their first words nor "get me a person"."""
    texts = [line.text[:READ] for line in said]
    ranked = [(_weight(text), index, text) for index, text in enumerate(texts)]
    useful = [entry for entry in ranked if entry[0] > 0]
    if not useful:
        return NO_GOAL
    best = max(useful, key=lambda entry: (entry[0], -entry[1]))
    return _one_line(_clearest_sentence(best[2]))


def _weight(text: str) -> float:
    """How much of a need a text voices: nothing in greetings, small talk and the bare wish for a person."""
    plain = GREETING.sub("", text).replace("’", "'")
    wish = asked(plain)
    words = len(re.findall(r"\w+", WISHING.sub(" ", plain.replace(wish, " ")) if wish else plain))
    if words < (2 if wish else 3) or SMALL_TALK.match(text):
        return 0
    return min(words, 20) / 20 + (0.8 if NEED.search(plain) else 0) + (0.3 if re.search(r"\d", plain) else 0)


def _clearest_sentence(text: str) -> str:
    sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+", text.strip()) if part.strip()]
    return max(sentences, key=_weight) if sentences else text


def _one_line(text: str) -> str:
    plain = re.sub(r"\s+", " ", GREETING.sub("", text)).strip(" ,;:-")
    plain = plain or text.strip()
    if len(plain) > GOAL_LENGTH:
        plain = plain[: GOAL_LENGTH - 1].rsplit(" ", 1)[0] + "…"
    return plain[:1].upper() + plain[1:]
