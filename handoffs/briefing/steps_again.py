"""Whether a message proposes to the customer a step that was tried already."""

import re

from handoffs.learned.text import QUOTES

READ = 4000  # characters of a message
SENTENCE = re.compile(r"(?<=[.?!])\s+|[\n;]+")
# What bids the customer do something; "I will restart it" and "was it restarted?" are something else.
BIDS = re.compile(
    r"^(?:(?:ok(?:ay)?|so|then|first|now|and|also|hi|hello|sorry|thanks?(?: you)?|alright|great|next)\b[\s,!]*){0,4}"
    r"(?:try|let'?s try|start by|begin by|go to|restart|reset|re-?install|clear|update|check|turn|switch|log|sign|unplug|reboot|open|close|delete|remove"
    r"|re-?enter|re-?send|run|press|click|disable|enable)\b"
    r"|\b(?:please|kindly)\s(?:\w+ly\s|try\s|also\s|just\s)?\w+|\b(?:could|can|would|will)\syou\b|\b(?:have|did)\syou\s(?:already\s)?(?:tried|try)\b"
    r"|\byou\s(?:can|could|should|need\sto|have\sto|might|may)\b|\b(?:try|trying)\b|\bhow\sabout\b|\bwhat\sif\syou\b"
    r"|\bi(?:'d|\swould)?\s(?:suggest|recommend)\b",
    re.I,
)
DONE = re.compile(
    r"\b(?:i|we)(?:'ve|\shave|\sdid|'ll|\swill|'m)?\s(?:already\s|just\s)?(?:\w+(?:ed|ing)|sent|made|put|did|reset)\b|\balready\s(?:tried|did|done)\b",
    re.I,
)
# What only an assistant does: nobody bids a customer look something up in our books.
LOOKED_UP = re.compile(r"\s*(?:look|search|find|found|read|check|fetch|quer|verif|answer|repl|transfer|offer)", re.I)
PLAIN_WORDS = """
the and for its this that your our you try tried trying please could can would will asked ask asking told tell customer user them they their
again once more step first then now just also did done does have has had out off over into about with from was were are been sent send
"""
PLAIN = frozenset(PLAIN_WORDS.split())
ENOUGH = 0.6


def proposed(text: str, step: str) -> bool:
    """Most words that say what the step was stand in a sentence that bids the customer do something."""
    wanted = stems(step[:200])
    if not wanted or LOOKED_UP.match(step):
        return False
    said = (part for part in SENTENCE.split(text[:READ].translate(QUOTES)) if BIDS.search(part) and not DONE.search(part))
    return any(len(wanted & stems(part)) >= max(min(2, len(wanted)), ENOUGH * len(wanted)) for part in said)


def stems(text: str) -> set[str]:
    """The words of a text that say something, without their endings."""
    return {_stem(word) for word in re.findall(r"[^\W\d_]{3,}", text.casefold()) if word not in PLAIN}


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word.removesuffix(ending)
            return stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "ls" else stem
    return word
