"""What an agent wrote of what they did, told apart: what is done, and what happens next. Pure."""

import re
from collections.abc import Iterable

NEXT = re.compile(
    r"^(?:next|then|after that|danach|después|ensuite|depois)\b[\s:,]*|\b(?:will|won['’]t|shall|is going to|within"
    r"|by (?:mon|tues|wednes|thurs|fri|satur|sun)day|by tomorrow|tomorrow"
    r"|arrives?|on its way|starts? on|begins? on|wird|werden|innerhalb"
    r"|bis (?:morgen|montag|dienstag|mittwoch|donnerstag|freitag)|recibirá|mañana|recevrez|demain"
    r"|receberá|amanhã)\b",
    re.I,
)
LEAD = re.compile(r"^(?:next)\b[\s:,]*", re.I)


def told_apart(lines: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines that tell what was done, and those that tell what is to come, each in their order."""
    done, upcoming = [], []
    for line in lines:
        if NEXT.search(line):
            text = LEAD.sub("", line)
            upcoming.append(text[:1].upper() + text[1:])
        else:
            done.append(line)
    return tuple(done), tuple(upcoming)
