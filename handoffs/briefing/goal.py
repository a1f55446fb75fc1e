"""What the customer needs, in one line."""

import re
from dataclasses import dataclass, replace

from handoffs.briefing.clauses import bare, clauses, cut, plain, sentences
from handoffs.briefing.needs import GOAL_LENGTH, LONGEST, Need, clipped, need_of
from handoffs.briefing.voice import lowered
from handoffs.learned import languages
from handoffs.learned.asking import asked
from handoffs.snapshots import Author, Line

__all__ = ["GOAL_LENGTH", "NO_GOAL", "Goal", "goal_of"]
NO_GOAL = "Talk to a person"
FIRST_READ, LAST_READ = 12, 40  # of the customer's lines: the need is early, a change of mind late
CLEAR = 0.7
NEAR = 2  # turns within which a wish says what a complaint was meant to lead to
SHORT = 5  # words of a need that has room for what it is about
ENGLISH = re.compile(r"\b(?:the|i|my|is|to|and|you|not|it|for|what|can|of|please|in|was|need|want|hi|hello|yes|no|help|how|me|this|that|don't|with)\b", re.I)
CHANGED = re.compile(
    r"\b(?:actually|instead|changed? my mind|rather|on second thoughts?|never ?mind|forget (?:it|that)|scratch that|new (?:request|question)"
    r"|(?:one|another) (?:more|other) thing|another thing|something else)\b", re.I,
)
OPENING = re.compile(r"\b(?:help you|anything else|assist you|what can (?:i|we)|how (?:can|may) (?:i|we)|need anything|more (?:i|we) can"
    r"|can i do for you)\b", re.I)
PLEASED = re.compile(r"^\W*(?:great|thanks?|thank you|thx|perfect|awesome|good|nice|ok(?:ay)?|cool|oh(?! my| no)|excellent|alright|all right|wow|fine|wonderful"
    r"|lovely|sounds|also|now|next"
                     r"|actually|and|well|yes|yeah|hmm|by the way)\b", re.I)
SETTLED = re.compile(r"\b(?:booked|confirmed|confirmation|successful(?:ly)?|submitted|scheduled|reserved|completed|done|anything else"
    r"|your (?:current )?(?:account )?balance)\b", re.I)
ABOUT = re.compile(r"\b(?:about|regarding|because(?: of)?|concerning|as|to|so|since|and|but)\b(.{3,400})", re.I | re.S)
FIX = re.compile(
    r"^(?:(?:a|an|my|their|the|some|your) )?(?:full |partial )?(?:refund(?: them| it)?|reimburse them|help|compensation|replacement|money|credit"
    r"|answer|solution|explanation)"
    r"(?: back)?(?: (?:please|now|today|immediately|asap))?$", re.I,
)
POINTS = re.compile(r"^(cancel|refund|change|return|keep|exchange|replace|send|book|stop|pause|delete|close|postpone|move|collect) (?:it|that|this"
    r"|them)\b", re.I)
# What is said of a thing already named ("make it Wednesday"), or wished for in answer to a question, is part of the matter.
OF_IT = re.compile(r"^(?:\w+ ){1,2}(?:it|that|this|them|one)\b", re.I)
CANCELS = re.compile(r"cancel\b", re.I)
SOMEBODY = re.compile(r"\b(?:he|she)\b", re.I)  # named before: a part of the matter
NAMED = re.compile(r"^\w{3,20} ((?:my|their|the|this|a|an|our|order|booking) (?:(?!of\b|to\b|from\b|for\b|before\b|on\b|by\b|until\b|and\b|with\b"
    r"|at\b|because\b)\S+ ?){1,6})", re.I)
PASSIVE = re.compile(r"^they(?:'ve been| have been| were|'re| are) (?!(?:\w+ing|so|in|at|on|a|an|the)\b)", re.I)


NOTHING = Need()


@dataclass(frozen=True)
class Goal:
    """The need in one line, the turns that voiced it, and the need itself."""

    text: str = NO_GOAL
    turns: tuple[int, ...] = ()
    need: Need = NOTHING
    about: Need = NOTHING  # what is wrong, where the line joins it to the need
    fresh: bool = False  # whether another matter came before

    @property
    def inline(self) -> str:
        """The line within a sentence: what was made a capital for its place alone is none there, and a colon becomes brackets."""
        first, colon, rest = self.text.partition(": ")
        text = f"{first} ({rest})" if colon and "(" not in first else self.text
        small = text[:1].lower() + text[1:]
        return small if self.need.kind == "how" or small.split(" ", 1)[0].rstrip("?.,") in self.need.phrase.split() else text


@dataclass(frozen=True)
class Voiced:
    """A need with the line that voiced it."""

    need: Need
    line: Line
    answers: bool  # a question of the other side, so that it refines what was asked before
    changes: bool  # says that another thing is wanted than before
    fresh: bool = False  # opens another matter, the one before being settled

    @property
    def worth(self) -> float:
        words = len(self.need.phrase.split())
        worth = self.need.weight - (0.5 if self.need.is_vague else 0) - (0.3 if words < 3 else 0) + (0.1 if re.search(r"\d|\b[A-Z]", self.need.phrase) else 0)
        return worth + min(words, 8) / 40


def goal_of(lines: tuple[Line, ...]) -> Goal:
    """What the customer needs: the clearest need of the matter they opened last."""
    said = [line for line in lines if line.author is Author.CUSTOMER]
    if said and not is_english(said):
        return _in_their_words(said)
    voiced = _voiced(lines)
    if not voiced:
        return Goal()
    best, fresh = voiced[0], False
    for each in voiced[1:]:
        opened = _opens(each, best)
        if opened or _replaces(each, best):
            best, fresh = each, fresh or opened
    return replace(_combined(best, voiced), fresh=fresh)


def is_english(said: list[Line]) -> bool:
    """Whether the customer's words read as English; so they do when nobody can tell."""
    named = next((line.language for line in reversed(said) if line.language), "")
    if named:
        return named.startswith("en")
    text = " ".join(line.text[:300] for line in said[:6])
    words = len(text.split())
    return len(ENGLISH.findall(text)) >= max(1, words / 8) or languages.detect(text) in ("", "en")


def without_wish(sentence: str) -> str:
    """A sentence without its wish for a person; what that was to be about stays."""
    wish = asked(sentence)
    if not wish:
        return sentence
    before, _, after = sentence.replace("’", "'").partition(wish.replace("’", "'"))
    about = ABOUT.match(after.strip(" ,.;:!"))
    rest = about.group(1) if about else after
    return next((part.strip() for part in (rest, before) if len(re.findall(r"\w+", part)) > 2), "")


def _voiced(lines: tuple[Line, ...]) -> list[Voiced]:
    places = [at for at, line in enumerate(lines) if line.author is Author.CUSTOMER]
    if len(places) > FIRST_READ + LAST_READ:
        places = [*places[:FIRST_READ], *places[-LAST_READ:]]
    found: list[Voiced] = []
    for at in places:
        before = lines[at - 1] if at else None
        question = bool(before and before.author is not Author.CUSTOMER and "?" in before.text[-200:] and not OPENING.search(before.text[-200:]))
        for sentence in (clause for part in sentences(plain(lines[at].text)) for clause in clauses(part)):
            need = need_of(without_wish(sentence))
            if need.weight and bare(sentence):
                fresh = not question and bool(before and (PLEASED.match(lines[at].text) or SETTLED.search(before.text[-300:])))
                changes = bool(CHANGED.search(sentence) or CANCELS.match(need.phrase))
                found.append(Voiced(need, lines[at], question, changes, fresh))
    return found


def _opens(new: Voiced, best: Voiced) -> bool:
    """Whether a clear wish or question opens another matter, or changes the one that stands."""
    if new.line is best.line or new.need.kind == "said" or new.need.is_vague or new.need.weight < CLEAR or best.need.weight < CLEAR:
        return False
    if SOMEBODY.search(new.need.phrase):
        return False
    if new.changes and new.answers and (new.need.kind == "for" or OF_IT.match(new.need.phrase)):
        return False
    if new.changes:
        return not new.answers or new.worth > best.worth - 0.35
    return new.fresh and new.worth > best.worth - (0.35 if new.need.kind != "ask" else 0)


def _replaces(new: Voiced, best: Voiced) -> bool:
    """Whether it says more clearly what the same matter is about."""
    if best.need.weight < CLEAR or best.need.is_vague:
        return new.worth > best.worth + 0.05
    if new.need.kind == "said" and best.need.kind != "said":
        return False
    if new.line is best.line:
        return new.worth > best.worth + (0.05 if best.need.kind != "said" else -0.4)
    near = 0 < new.line.number - best.line.number <= NEAR
    wished = new.need.kind in ("to", "you", "for") and not new.need.is_vague and (not new.answers or len(best.need.phrase.split()) < SHORT)
    return best.need.kind == "said" and wished and near and new.worth > best.worth + 0.2


def _combined(best: Voiced, voiced: list[Voiced]) -> Goal:
    """The need, with what it is about when it hardly names that itself ("I need help", then "my card was declined")."""
    pointed = next((each for each in reversed(voiced) if each.changes and each.line.number > best.line.number and POINTS.match(each.need.phrase)), None)
    if pointed:
        return _pointed(pointed, best)
    if best.need.kind == "said":
        fix = next((each for each in reversed(voiced) if FIX.match(each.need.phrase) and each.need.kind != "said"), None)
        return _joined(fix, best) if fix else _alone(best)
    if best.need.is_vague or FIX.match(best.need.phrase):
        return _with(best, [each for each in voiced if each.need.weight >= CLEAR])
    same_breath = [each for each in voiced if each.line is best.line and each.need.kind == "said" and len(each.need.phrase.split()) <= LONGEST - 4]
    if len(best.need.phrase.split()) <= SHORT and same_breath:
        return _with(best, same_breath)
    if len(best.need.phrase.split()) <= SHORT - 2 and not re.search(r"\d|[A-Z]", best.need.phrase):
        return _with(best, [each for each in voiced if each.answers and each.line.number > best.line.number and _is_detail(each.need)])
    return _alone(best)


def _is_detail(need: Need) -> bool:
    return need.kind in ("to", "you", "for") and not need.phrase.startswith(("more ", "other "))


def _with(best: Voiced, others: list[Voiced]) -> Goal:
    """The need and the clearest of what else was said of it."""
    naming = [each for each in others if each is not best and not each.need.is_vague and not FIX.match(each.need.phrase) and each.need.weight >= CLEAR]
    return _joined(best, max(naming, key=lambda each: each.worth)) if naming else _alone(best)


def _joined(need: Voiced, other: Voiced) -> Goal:
    first = need.need.line(5)
    rest = other.need.line(LONGEST + 2 - len(first.split()))
    rest = cut(PASSIVE.sub("", rest), LONGEST - len(first.split()))
    rest = lowered(rest) if other.need.phrase[:1].isupper() else rest[:1].lower() + rest[1:]
    return Goal(clipped(f"{first}: {rest}"), tuple(sorted({*_turns(other), *_turns(need)})), need.need, other.need)


def _pointed(pointed: Voiced, best: Voiced) -> Goal:
    """What is to be done now ("cancel it instead"), and the thing that the need before named."""
    named, points = NAMED.match(best.need.phrase), POINTS.match(pointed.need.phrase)
    verb = points.group(1).capitalize() if points else ""
    earlier = best.need.line(LONGEST - 3)
    earlier = earlier if best.need.phrase[:1].isupper() else earlier[:1].lower() + earlier[1:]
    text = f"{verb} {named.group(1).strip()}" if named else f"{verb} it (earlier: {earlier})"
    line = clipped(cut(text, LONGEST))
    return Goal(line, tuple(sorted({*_turns(best), *_turns(pointed)})), Need("you", line[:1].lower() + line[1:], pointed.need.weight))


def _alone(voiced: Voiced) -> Goal:
    return Goal(voiced.need.line(), _turns(voiced), voiced.need)


def _in_their_words(said: list[Line]) -> Goal:
    parts = [(bare(part), line) for line in said[:FIRST_READ] for part in sentences(plain(line.text)) if not asked(part)]
    if not parts:
        return Goal()
    part, line = max(parts, key=lambda each: min(len(each[0].split()), LONGEST) + 3 * bool(re.search(r"\d", each[0])))
    text = clipped(cut(part, LONGEST))
    return Goal(text[:1].upper() + text[1:], (line.number,) if line.number else (), Need("none", part, CLEAR))


def _turns(voiced: Voiced) -> tuple[int, ...]:
    return (voiced.line.number,) if voiced.line.number else ()
