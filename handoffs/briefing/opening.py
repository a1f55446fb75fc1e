"""What an opening message can say to show that the customer was heard: the need in their own "you", and what need not be asked again."""

import re
from dataclasses import dataclass

from handoffs.briefing.frames import Kind
from handoffs.briefing.goal import Goal
from handoffs.briefing.needs import Need, short
from handoffs.briefing.voice import lowered
from handoffs.learned import cues
from handoffs.snapshots import Fact

AT_HAND = ("order number", "booking number", "invoice number", "tracking number")
MOST_AT_HAND = 2
NEED_WORDS, LONGEST_VALUE = 12, 40  # words, characters
TO_YOU = {
    "they": "you", "them": "you", "their": "your", "theirs": "yours", "themselves": "yourself", "they're": "you're",
    "they've": "you've", "they'll": "you'll", "they'd": "you'd",
}
THIRD = re.compile(rf"(?<![\w'])(?:{'|'.join(sorted(TO_YOU, key=len, reverse=True))})(?![\w'])", re.I)
FIRM = re.compile(r"(?<![\w'])(?:you|your|yours|u|ur|you'\w+)(?![\w'])", re.I)
BRACES = re.compile(r"[{}]")  # the page's own marks
RUDE = re.compile(r"\b(?:idiots?|stupid|useless|morons?|cr[a@]p\w{0,3}|sh[i1*]t\w{0,4}|f[u*@]+c?k\w{0,5}|wtf|damn\w{0,3}|bloody|hell|scam\w{0,4}"
    r"|liars?|thie(?:f|ves)|pathetic|"
                  r"ridiculous|disgusting|joke|worst|rubbish|garbage|terrible|awful|horrible|incompetent|dumb|hate|suck\w{0,2}|ass\w{0,5}|lie[sd]?"
                  r"|lying)\b", re.I)


@dataclass(frozen=True)
class Opening:
    """`kind` is the need's, "" when it is better not named; `about` is what is wrong; `known` are values that need not be asked for again."""

    kind: Kind | str = ""
    need: str = ""
    about: str = ""
    known: tuple[Fact, ...] = ()


def opening_of(goal: Goal, facts: tuple[Fact, ...]) -> Opening:
    """What to say back. Rude words, words about the firm, and whatever was cut short are not put into an agent's mouth."""
    need, about = _said_back(goal.need), _said_back(goal.about) if goal.about.kind == "said" else ""
    known = [fact for fact in facts if fact.name in AT_HAND and fact.by == "customer" and len(fact.value) <= LONGEST_VALUE]
    unsaid = tuple(fact for fact in known if fact.value not in f"{need} {about}")[:MOST_AT_HAND]
    return Opening(goal.need.kind, need, about, unsaid) if need else Opening(known=unsaid)


def _said_back(need: Need) -> str:
    """The need in the customer's "you", or "" when it is better not said back."""
    phrase = short(need.phrase, NEED_WORDS).rstrip("?")
    rude = RUDE.search(phrase) or cues.SIGNS["anger"].search(phrase)
    if rude or need.kind == "none" or need.is_vague or need.others or FIRM.search(phrase) or phrase.endswith("…") or BRACES.search(phrase):
        return ""
    said = lowered(THIRD.sub(lambda word: TO_YOU[word[0].lower()], phrase))
    return said[:1].lower() + said[1:] if need.kind == "you" and not said.split(" ", 1)[0].isupper() else said
