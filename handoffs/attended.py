"""What a customer says while they wait: facts for the brief, "how long still?", and what an assistant must not say of itself. Pure."""

import re
from collections.abc import Iterable, Mapping

from handoffs.briefing.commitments import plain
from handoffs.briefing.facts import facts_of
from handoffs.snapshots import Brief, Fact, Line

HOW_LONG = re.compile(
    r"\bhow (?:much )?long(?:er)?\b|\bwhen (?:will|does|can|is) (?:some(?:one|body)|a person|an agent|it be my turn|anyone)\b"
    r"|\bstill (?:there|waiting)\b|\bwhat(?:'|’)?s my place"
    r"|\bmy (?:place|position) in (?:the )?(?:line|queue)\b|\bhow many (?:people )?(?:are )?(?:before|ahead)|\banyone there\b"
    r"|\bwie lange\b|\bwann (?:kommt|ist|bin ich)\b|\bcuánto (?:tiempo )?(?:más|falta|tarda|queda)|\bcuanto (?:mas|falta|tarda)"
    r"|\bcombien de temps\b|\bencore longtemps\b|\bquanto tempo\b|\bainda (?:demora|falta)|كم (?:من الوقت|المدة)|إلى متى",
    re.I,
)
LONGEST_QUESTION = 160
PERSON = re.compile(
    r"\b(?:i am|i['’]m|this is|you(?:['’]re| are) (?:now )?(?:talking|speaking|chatting) (?:to|with)) (?:not (?:an? )?(?:ai|bot|robot|assistant)\b"
    r"|(?:an? )?(?:real |live |actual )?(?:human|person|agent|employee|member of (?:the|our) team)\b)",
    re.I,
)


def asks_how_long(text: str) -> bool:
    return len(text) <= LONGEST_QUESTION and bool(HOW_LONG.search(text))


def pretends(text: str, people: Iterable[str]) -> bool:
    """Whether it says to be a person, or one of these people."""
    names = "|".join(re.escape(name) for name in people if name)
    named = names and re.search(rf"\b(?:i am|i['’]m|this is|my name is)\s+(?:{names})\b", text, re.I)
    return bool(PERSON.search(text) or named)


def added_facts(lines: tuple[Line, ...], given: Mapping[str, object], began: int) -> tuple[Fact, ...]:
    """What the customer has said since that turn that can be looked up."""
    return tuple(fact for fact in facts_of(lines, given) if fact.turn and fact.turn > began)


def passed_on(brief: Brief, found: tuple[Fact, ...]) -> Brief | None:
    """The brief with these facts: in place of what they were before, else behind the others. None when it has them all."""
    facts = list(brief.facts)
    for fact in found:
        if any(plain(one.value) == plain(fact.value) for one in facts):
            continue
        was = {plain(each.value) for each in fact.was}
        at = next((place for place, one in enumerate(facts) if one.name == fact.name and plain(one.value) in was), None)
        if at is None:
            facts.append(fact)
        else:
            facts[at] = fact
    return None if facts == list(brief.facts) else brief.model_copy(update={"facts": tuple(facts)})
