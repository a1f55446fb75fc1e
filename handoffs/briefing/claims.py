"""What a text claims not to have happened, to have been done, or to have been granted, against what was said and tried.

Three rules, each for a way in which a summary turns false without a wrong name or figure:
- a denial ("never arrived", "could not log in") must be somebody's denial too, and what everybody denied must not be affirmed;
- what the assistant is said to have tried or done must be an attempt with that outcome, or stand in the firm's own words;
- a favour of the firm (approved, refunded, promised) must be an attempt that worked, or stand in the firm's own words: a customer's do not grant it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from handoffs.briefing import claim_words
from handoffs.grounding import SENTENCE
from handoffs.snapshots import BriefAttempt, Outcome
from handoffs.snapshots import Tried as Attempt
from handoffs.wording import FILLER, stem

Tried = Attempt | BriefAttempt
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.,;:!?…–—\"“”()]")
STOP = re.compile(r"[.,;:!?…–—()]")
FAR, LOOSE = 99, 6  # words behind a "not"
SAME_THING = 3  # words shared with a denial, from which on it is about the same
WISHED_WITHIN = 60  # characters
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Denials:
    """The stems a text denies: `close` behind the word that denies, `near` it or by what a word means; those it affirms, and all of them."""

    close: frozenset[str]
    near: frozenset[str]
    affirmed: frozenset[str]
    all: frozenset[str]


# Where the firm's side has not said a word, it may be said that it has not.
SILENCE = Denials(frozenset(), frozenset(map(stem, ("answer", "answered", "reply", "replied", "respond"))), frozenset(), frozenset())


def unproven(text: str, sources: list[str], tried: tuple[Tried, ...] | None, ours: list[str] | None) -> Iterator[str]:
    """The claims of a text that nothing bears out, each as the sentence that makes it."""
    read = [denials(source) for source in sources]
    for sentence in map(str.strip, SENTENCE.findall(text)):
        plain = SPACES.sub(" ", sentence.lower().replace("’", "'"))
        wrong = _denied(sentence, read if ours != [] else [*read, SILENCE], tried or ())
        wrong = wrong or (tried is not None and _done(plain, tried, ours or []))
        if wrong or (ours is not None and _granted(plain, tried or (), ours, sources)):
            yield sentence


def without_orders(text: str) -> str:
    """A text up to where it begins to speak to a language model that reads along: what follows may be what that is to say."""
    found = claim_words.TO_A_MODEL.search(text)
    return text[: max((text.rfind(mark, 0, found.start()) + 1 for mark in ".!?\n"), default=0)] if found else text


@lru_cache(maxsize=2048)
def denials(text: str) -> Denials:
    """What a text denies and affirms, word by word: a "not" reaches the first word of content behind it, loosely the next six words."""
    close, near, affirmed = set[str](), set[str](), set[str]()
    since, reached, wished, before = FAR, True, False, ""
    for raw in WORD.findall(text):
        word = raw.lower().replace("’", "'")
        if STOP.fullmatch(word):
            since, wished = FAR, False
            continue
        if word in claim_words.NOT or word.endswith("n't"):
            since, reached = 0, False
            continue
        since, root = since + 1, stem(word)
        near |= claim_words.DENYING.get(root, frozenset()) | ({root} if since <= LOOSE else frozenset())
        if word not in claim_words.LIGHT and not word.isdigit():
            if since < LOOSE and not reached:
                close.add(root)
                reached = True
            elif since > LOOSE and not wished:
                affirmed.add(root)
        wished = wished or bool(claim_words.WISH.fullmatch(word) and before != "able")
        before = word
    return Denials(frozenset(close), frozenset(near).union(*(kin for kin in claim_words.KIN if kin & near)), frozenset(affirmed), content(text))


def _denied(sentence: str, sources: list[Denials], tried: tuple[Tried, ...]) -> bool:
    """Whether it denies what nobody denied, or affirms what was only ever denied."""
    mine = denials(sentence)
    near = frozenset[str]().union(*(each.near for each in sources))
    fell_short = frozenset(root for each in tried if each.outcome in claim_words.FELL_SHORT for root in content(f"{each.step} {each.detail}"))
    if mine.close - near - fell_short:
        return True
    ever_affirmed = frozenset[str]().union(*(each.affirmed for each in sources))
    # The same thing is meant where another word is shared too: "the camera works" against "the camera doesn't work".
    own = mine.affirmed - mine.near - claim_words.NEUTRAL
    return any(own & each.close - (each.affirmed if _same_thing(mine, each) else ever_affirmed) and len(mine.all & each.all) > 1 for each in sources)


def _same_thing(mine: Denials, other: Denials) -> bool:
    return len(mine.all & other.all) >= SAME_THING


def _done(plain: str, tried: tuple[Tried, ...], ours: list[str]) -> bool:
    """Whether it says of an attempt, or of a deed of the firm, what did not come of it."""
    about = [each for each in tried if _is_about(plain, each)]
    if about:
        # Of several tries of one step the one is meant whose detail is told too.
        told = [len(content(each.detail) & content(plain)) for each in about]
        meant = [each for each, shared in zip(about, told, strict=True) if shared == max(told)]
        return not any(_agrees(_outcome(plain), each.outcome, plain) for each in meant)
    return any(not claim_words.SPEAKING.match(found[1]) and not _stands(found[1].split()[0], ours) for found in claim_words.DID.finditer(plain))


def _granted(plain: str, tried: tuple[Tried, ...], ours: list[str], sources: list[str]) -> bool:
    """Whether it says that the firm did the customer a favour which the firm does not say itself."""
    for favour in claim_words.FAVOUR.finditer(plain):
        before = plain[: favour.start()]
        alleged = claim_words.ALLEGED.search(before) and _subject(before[-60:]) == "customer" and _stands(favour.group(), sources)
        if alleged or _wished(before) or claim_words.DENIED.search(before[-30:]):
            continue
        worked = any(each.outcome is Outcome.DONE and stem(favour.group()) in content(f"{each.step} {each.detail}") for each in tried)
        if not worked and not _stands(favour.group(), ours):
            return True
    return any(_undone(plain, done, tried, sources) for done in claim_words.WAS_DONE.finditer(plain))


def _undone(plain: str, done: re.Match[str], tried: tuple[Tried, ...], sources: list[str]) -> bool:
    """Whether something is said to have been done, by whomever, that nobody says and no attempt did."""
    before = plain[: done.start()]
    told = _wished(before) or claim_words.DENIED.search(before[-30:]) or _stands(done[1], sources)
    return not told and not any(_is_about(plain, each) for each in tried)


def _wished(before: str) -> bool:
    """Whether what follows is wished or asked: "wants it refunded", "asks whether it was refunded", but not "asks for help, it was refunded"."""
    wishes = list(claim_words.WISH.finditer(before[-WISHED_WITHIN:]))
    if not wishes:
        return False
    between = before[-WISHED_WITHIN:][wishes[-1].end() :]
    return bool(claim_words.ASKED.fullmatch(wishes[-1].group())) or not claim_words.FINITE.search(between)


def _subject(before: str) -> str:
    """Whose deed it is by the words before it: the nearest of both sides."""
    firm = max((found.start() for found in claim_words.FIRM.finditer(before)), default=-1)
    customer = max((found.start() for found in claim_words.CUSTOMERS.finditer(before)), default=-1)
    return "firm" if firm > customer else "customer" if customer >= 0 else ""


def _is_about(plain: str, attempt: Tried) -> bool:
    step = content(attempt.step)
    words = content(plain)
    by_name = re.search(r"\b(?:assistant|ai|tried|attempt\w*)\b", plain)
    spoken_of = by_name or (len(step) > 1 and not claim_words.TOLD.search(plain))
    return bool(step and spoken_of) and len(step & words) >= max(1, round(len(step) * 0.6))


def _outcome(plain: str) -> Outcome | None:
    """The outcome that is named first."""
    found = [(match.start(), outcome) for outcome, pattern in claim_words.SAID_OUTCOME if (match := pattern.search(plain))]
    return min(found)[1] if found else None


def _agrees(said: Outcome | None, was: Outcome, plain: str) -> bool:
    if said is Outcome.FAILED:
        return was in claim_words.FELL_SHORT
    if said is not None:
        return said is was
    bare = re.search(r"\b(?:tried|attempt\w*)\b", plain)
    claimed = any(not _wished(plain[: found.start()]) for pattern in (claim_words.FAVOUR, claim_words.DEED) for found in pattern.finditer(plain))
    return bool(bare) or not claimed or was is Outcome.DONE


def _stands(word: str, texts: list[str]) -> bool:
    """Whether a word of that stem is affirmed in one of the texts."""
    root = stem(word)
    return any(root in found.affirmed or root in found.near for found in map(denials, texts))


@lru_cache(maxsize=2048)
def content(text: str) -> frozenset[str]:
    return frozenset(stem(word) for raw in WORD.findall(text.lower()) if (word := raw.replace("’", "'")) not in FILLER and word.isalpha())
