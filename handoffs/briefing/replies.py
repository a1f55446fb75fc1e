"""What the assistant, or an agent before, said last, told by another."""

import re
from collections.abc import Callable

from handoffs.briefing.clauses import cut, plain, sentences
from handoffs.briefing.needs import short
from handoffs.briefing.voice import lowered, of_agent, of_assistant
from handoffs.snapshots import Author, Line

ROOM, LONG = 18, 14  # words: of what is told, and from how many on a sentence weighs no more
COURTESY = re.compile(
    r"^(?:hi|hello|hey|thanks?|thank you|you(?:'?re| are) (?:very )?welcome|no problem|no worries|good to (?:know|hear)|got it|ok(?:ay)?|great|sure"
    r"|i see|glad|happy to|we(?:'?re| are)? (?:here|happy)"
    r"|here to help|(?:i am|i'?m|we'?re|were|we are|so|our|very|really|truly|my|most|sincere) ?(?:very |really |truly |so |most "
    r"|sincere(?:st)? )?(?:sorry|apologi\w{2,5})|sorry|apologies|i understand|we understand|we hear you|enjoy"
    r"|goodbye|bye|nice (?:playing|talking|chatting|to)|see you|you'?re all set"
    r"|have a |let me (?:check|see|know if)|(?:please )?let (?:us|me) know|keep (?:us|me) posted|is there anything|anything else|how (?:can|may) (?:i"
    r"|we)|what can (?:i|we)|one moment"
    r"|that(?:'s| is) (?:not|certainly|never|definitely|great|good)|oh no|cheers|(?:i|we)(?:'d| would)? (?:hate|love|appreciate)|this is not)\b", re.I,
)
GREETED = re.compile(r"^(?:hi|hello|hey|dear|ok(?:ay)?|alright|great|sure|thanks|hmm+|oh no|oh)\b[^,.!?]{0,25}[,.!]{1,3} {0,2}", re.I)
CALLED = re.compile(r"^[A-Z][a-z]{1,20}(?<!ly), (?=\w)")
PLEASE = re.compile(r"^(?:please|kindly|pls) (?:also |just |then )?(?=[a-z]{2,20}\b)(?!(?:be aware|note|know|accept)\b)", re.I)
ORDERED = re.compile(
    r"^(?:kindly |please |just |you can |you could |try |then |first |also ){0,4}(?=(?:turn|go|check|click|send|dm|contact|call|try|visit|restart|reset"
    r"|follow|use|reach|reply|provide"
    r"|share|open|select|log|sign|update|uninstall|reinstall|delete|clear|make|ensure|confirm|give|head|look|press|tap|take|see|write|email|message"
    r"|report|get|wait|keep"
    r"|fill|note|refer|allow|submit|tell|let|txt|text|be|put|enter|connect|disconnect|power|switch|unplug|remove|add|download|install|set|read|review"
    r"|verify|stop|join|ask)\b)", re.I,
)
ASKED_TO = re.compile(
    r"^(?:so |and |but |then |also )?(?:can|could|would|will|may) (?:you|u)(?: please| kindly| also| just){0,3} (?=[a-z])"
    r"(?!(?:be|not|like|prefer|want|mind)\b)", re.I,
)
OFFERS = re.compile(r"^(?:so |and |but )?(?P<aux>can|could|should|shall|may) (?P<who>i|we)\b (?!(?:please )?(?:have|get|know)\b)", re.I)
WHETHER = re.compile(r"^(?:so |and |but |also )?(?:(?P<do>do)|(?P<aux>have|are|were|can|could|will|would|should)) (?:you|u)\b ?", re.I)
MAY_HAVE = re.compile(r"^(?:so |and |but )?(?:may|can|could) (?:i|we) (?:please )?(?:have|get|know) (?=\w)", re.I)
WHO: dict[object, str] = {of_agent: "they"}


def reply_of(line: Line, english: bool) -> str:
    """The weightiest sentence of a turn of the assistant's or an agent's, told; "" when it is but courtesy."""
    who = "The agent" if line.author is Author.AGENT else "The assistant"
    parts = [part for part in map(_unnamed, sentences(plain(line.text))) if not COURTESY.match(part) and len(part.split()) > 2]
    if not parts:
        return ""
    if not english:
        return f"{who} answered: “{cut(max(parts, key=len), ROOM)}”"
    best = max(parts, key=lambda part: (min(len(part.split()), LONG), part))
    return f"{who} {_told(best.strip(' ,;:-'), of_agent if line.author is Author.AGENT else of_assistant)}"


def _unnamed(part: str) -> str:
    """A sentence without a greeting or the customer's name in front."""
    return CALLED.sub("", GREETED.sub("", part))


def _told(text: str, tell: Callable[[str], str | None]) -> str:
    """What the assistant said, as the rest of a sentence; in quotes where it cannot be told safely."""
    for frame, verb in ((ASKED_TO, "asked them to"), (MAY_HAVE, "asked for"), (PLEASE, "asked them to"), (ORDERED, "told them to")):
        match = frame.match(text)
        told = tell(text[match.end() :]) if match else None
        if told:
            return f"{verb} {short(lowered(told.rstrip('.!? ')), ROOM)}"
    whether = WHETHER.match(text)
    if whether and (told := tell(text[whether.end() :])):
        aux = f"{whether['aux'].lower()} " if whether["aux"] else ""
        return f"asked whether they {aux}{short(told.rstrip('.!? '), ROOM)}"
    offers = OFFERS.match(text)
    if offers and (told := tell(text[offers.end() :])):
        return f"asked whether {WHO.get(tell, 'it') if offers['who'].lower() == 'i' else 'we'} {offers['aux'].lower()} {short(told.rstrip('.!? '), ROOM)}"
    told = tell(text)
    if told is None:
        return f"said: “{cut(text, ROOM)}”"
    return f"asked: {short(lowered(told.rstrip('.! ')), ROOM)}" if text.rstrip(".! ").endswith("?") else f"said that {cut(lowered(told.rstrip('.!? ')), ROOM)}"
