"""The words of a text that ask for a person, found by rules."""

import re

from handoffs.learned.asking_abroad import ABROAD, PEOPLE_ABROAD
from handoffs.learned.asking_english import ABOUT, RATHER, REQUESTS, SPOKEN, SPOKEN_OF, TALKING
from handoffs.learned.spelling import mend

QUOTED = re.compile(r"[\"“«][^\"”»]*[\"”»]|(?<!\w)['‘][^'’]*['’](?!\w)")
TOLD = re.compile(r"\b(?:i|we|i've|i\s+have)\s+(?:already\s+|keep\s+)?(?:said|say(?:ing)?|ask(?:ed|ing)(?:\s+for)?|typ(?:ed|ing))\s*[:,]?\s*$", re.I)
WORD = re.compile(r"[\w']+")
READ = 1500


def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.I) for pattern in patterns)


RATHER_RULES, REQUEST_RULES, ABOUT_RULES = _compiled(RATHER), _compiled(REQUESTS), _compiled(ABOUT)
SPOKEN_WORDS = frozenset(SPOKEN_OF.split())
PEOPLE_WORDS = SPOKEN_WORDS | PEOPLE_ABROAD | frozenset(TALKING.split())


def asked(text: str) -> str:
    """The words that ask for a person, as they stand in the text, or an empty string. Quotations and refusals do not count."""
    return next((words for part in ends(text) if (words := _asked(part))), "")


def ends(text: str) -> tuple[str, ...]:
    """A wish stands at one end of a long text; reading all of a pasted page would let strangers choose how long we think."""
    return (text,) if len(text) <= 2 * READ else (text[:READ], text[-READ:])


def meant(text: str) -> str:
    """The text without quotations, refusals and talk about people: what a wish may stand in. As long as the text; gaps are underscores."""
    plain = _unquoted(text)
    for rule in ABOUT_RULES:
        plain = rule.sub(_gap, plain)
    for tongue in ABROAD:
        plain = tongue.refused.sub(_gap, plain)
    return plain


def may_ask(text: str) -> bool:
    """Whether the text has any word that speaks of people, or of talking; in others neither the rules nor the model find anything."""
    return not PEOPLE_WORDS.isdisjoint(_words(mend(text))) or bool(SPOKEN.search(text))


def _asked(text: str) -> str:
    text = text.replace("’", "'")
    plain = mend(text)
    words = _words(plain)
    in_english = not SPOKEN_WORDS.isdisjoint(words) or SPOKEN.search(plain)
    if in_english and (found := _first(RATHER_RULES, _unquoted(plain)) or _first(REQUEST_RULES, meant(plain))):
        return _original(text, plain, found)
    return "" if PEOPLE_ABROAD.isdisjoint(words | _words(text)) else _abroad(text)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


def _abroad(text: str) -> str:
    kept = meant(text)
    wish = next((wish for tongue in ABROAD if (wish := _first(tongue.rather, text) or _first(tongue.requests, kept))), None)
    return text[wish.start() : wish.end()].strip() if wish else ""


def _first(rules: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((found for rule in rules if (found := rule.search(text))), None)


def _unquoted(text: str) -> str:
    """Quotations blanked, unless the customer quotes their own wish or the text is nothing else."""
    for quote in QUOTED.finditer(text):
        if TOLD.search(text, 0, quote.start()):
            return " " * quote.start() + quote[0]
    kept = QUOTED.sub(_gap, text)
    return kept if re.search(r"[^\W_]", kept) else text


def _gap(found: re.Match[str]) -> str:
    return "_" * len(found[0])


def _original(text: str, plain: str, found: re.Match[str]) -> str:
    """The words of the text at a place found in its mended copy, which has as many words."""
    first, last = (len(WORD.findall(plain[:at])) for at in found.span())
    words = list(WORD.finditer(text))
    return text[words[first].start() : words[max(first, last - 1)].end()]
