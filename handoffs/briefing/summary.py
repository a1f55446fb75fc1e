"""The summary: the issue, what stands in the way, what the customer is open to; each sentence with the turns it was made from."""

import re
from dataclasses import dataclass
from typing import Any

from handoffs.briefing.clauses import bare, clauses, cut, plain, sentences
from handoffs.briefing.goal import FIRST_READ, NO_GOAL, Goal, is_english, without_wish
from handoffs.briefing.needs import TROUBLE, Need, need_of, short
from handoffs.briefing.replies import COURTESY, reply_of
from handoffs.briefing.voice import lowered, of_customer
from handoffs.learned import cues
from handoffs.learned.asking import asked
from handoffs.snapshots import Author, BriefAttempt, Line, Outcome, Sentence, Transcript

ISSUE, OBSTACLE, OPEN_TO = 26, 23, 11  # words of each sentence: 60 together
NAME = 4
WORTH_TELLING = 0.3
ANSWERS_READ = 8
READ = 2000  # characters of a step
QUOTED = re.compile(r"\s?(?:\b(?:for|about|of|to)\s)?“[^”]{0,500}”?")
RESULT = {Outcome.DONE: "it worked", Outcome.FAILED: "it failed", Outcome.REFUSED: "it was refused", Outcome.UNKNOWN: "the result is not known"}
YES = re.compile(r"^\W*(?:yes|yeah|yep|sure|ok(?:ay)?|that(?:'s| is) fine|sounds good|perfect|great|please do|go ahead|fine)\b", re.I)
NO = re.compile(r"^\W*(?:no|nope|nah)\b[,.!]?(?! (?:problem|worries|thanks|thank))", re.I)
DOING = re.compile(r"^(?:just |still |also )?(?:getting|trying|waiting|having|travelling|traveling|looking|using|staying|experiencing|receiving"
    r"|sitting|unable)\b", re.I)
DID = re.compile(r"^(?:just |still |also |never |already )?(?:had|have|haven'?t|been|got|tried|bought|paid|ordered|submitted|sent|received|need|want"
    r"|can'?t|cannot|couldn'?t|didn'?t"
                 r"|lost|forgot|updated|booked|called|signed|purchased|downloaded|installed|noticed)\b(?! (?:you|we|they|i)\b)", re.I)
FRAMED = {
    "to": "wants to {}", "you": "is asking you to {}", "for": "wants {}", "how": "is asking how to {}", "about": "is asking {}", "ask": "is asking: {}?",
}


@dataclass(frozen=True)
class Part:
    """A piece of the summary and the turns behind it."""

    text: str
    turns: tuple[int, ...] = ()

    def sentence(self, about: Any, words: int) -> Sentence:
        return Sentence(text=_stop(cut(self.text, words)), about=about, turns=self.turns)


def summary_of(transcript: Transcript, tried: tuple[BriefAttempt, ...], name: str, goal: Goal, note: str = "", upset: bool = False) -> tuple[Sentence, ...]:
    """Two to three sentences of at most 60 words together: the issue, what stands in the way, what they are open to."""
    name = cut(name, NAME)
    english = is_english(list(transcript.said))
    issue = _issue(transcript, name, goal, upset) if english else _quoted(name, goal)
    obstacle, open_to = _obstacle(transcript, tried, goal, english), _open_to(transcript, goal, note, english)
    found = (("issue", issue, ISSUE), ("obstacle", obstacle, OBSTACLE), ("open_to", open_to, OPEN_TO))
    return tuple(part.sentence(about, most) for about, part, most in found if part)


def named(step: str) -> str:
    """A step in a few words, without what it quotes: quotes within quotes cannot be read."""
    return cut(QUOTED.sub("", step[:READ]).strip() or step[:READ], 8)


def stands_in_the_way(tried: tuple[BriefAttempt, ...], goal: Goal) -> BriefAttempt | None:
    """The last step that failed or was refused, unless it worked later or belonged to another matter."""
    for at, attempt in reversed(tuple(enumerate(tried))):
        worked = any(later.outcome is Outcome.DONE and later.step.casefold() == attempt.step.casefold() for later in tried[at:])
        settled = goal.fresh and attempt.turn is not None and attempt.turn < min(goal.turns, default=0)
        if attempt.outcome in (Outcome.FAILED, Outcome.REFUSED) and not worked and not settled:
            return attempt
    return None


def _issue(transcript: Transcript, name: str, goal: Goal, upset: bool) -> Part:
    """What brought them here, as they first told it, and what they need now when that came later."""
    if not transcript.said:
        return Part(f"{name} has not written yet")
    if goal.text == NO_GOAL:
        return Part(f"{name} has not said what they need", _numbers(transcript.said[-1:]))
    parts = _opening(transcript, goal)
    upset = upset or any(_complains(need.phrase) for _, need in parts)
    room, told, turns = ISSUE - len(name.split()), "", list[int]()
    for line, need in parts:
        joint = "" if not told else " and " if line is parts[0][0] else " and now "
        phrase = _told(need, room - len(told.split()), joint, upset)
        if phrase:
            told, turns = f"{told}{phrase}", [*turns, *_numbers((line,))]
    return Part(f"{name} {told}", tuple(sorted(set(turns))))


def _opening(transcript: Transcript, goal: Goal) -> list[tuple[Line, Need]]:
    """The needs and troubles of the turn that opened the matter, then the goal's; a wish that another has replaced is left out."""
    voiced = [part for line in transcript.said if line.number in goal.turns for part in _parts(line)]
    if goal.fresh:
        return voiced or [(transcript.said[-1], goal.need)]
    first = next((parts for parts in map(_parts, transcript.said[:FIRST_READ]) if any(need.weight >= WORTH_TELLING for _, need in parts)), [])
    told_first = [need.phrase for _, need in first]
    last = next((line for line in reversed(transcript.said) if line.number in goal.turns), None)
    if first and last and last.number > first[0][0].number and goal.need.kind != "said" and goal.need.phrase not in told_first:
        return [first[0], (last, goal.need)]
    return first or [(transcript.said[0], goal.need)]


def _parts(line: Line) -> list[tuple[Line, Need]]:
    needs = [need_of(without_wish(clause)) for part in sentences(plain(line.text)) for clause in clauses(part)]
    kept = [(line, need) for need in needs if need.weight and not (need.is_vague and need.kind != "said")]
    while len(kept) > 1 and kept[0][1].weight < WORTH_TELLING:
        kept.pop(0)
    return kept


def _complains(phrase: str) -> bool:
    return bool(TROUBLE.search(phrase)) or any(cues.SIGNS[sign].search(phrase) for sign in ("anger", "broken", "stuck", "sore", "scowl"))


def _told(need: Need, room: int, joint: str, upset: bool) -> str:
    """The need as the rest of a sentence that begins with the customer, or as more of it."""
    if room < 6 and joint:
        return ""
    phrase = cut(need.phrase, room - 4).rstrip("?")
    if need.kind == "you" and not phrase.split(" ", 1)[0].isupper():
        phrase = phrase[:1].lower() + phrase[1:]
    if need.kind in FRAMED:
        return joint + FRAMED[need.kind].format(lowered(phrase))
    verb = "is complaining that" if upset else "says that"
    phrase = lowered(_with_subject(phrase))
    return f"; {phrase}" if joint else f"{verb} {phrase}"


def _with_subject(phrase: str) -> str:
    """People leave out their "I": "tried twice", "still waiting"."""
    if DOING.match(phrase):
        return f"they are {lowered(phrase)}"
    return f"they {lowered(phrase)}" if DID.match(phrase) else phrase


def _quoted(name: str, goal: Goal) -> Part:
    if not goal.turns:
        return Part(f"{name} has not said what they need")
    return Part(f"{name} wrote: “{cut(goal.need.phrase, ISSUE - 4 - len(name.split()))}”", goal.turns)


def _obstacle(transcript: Transcript, tried: tuple[BriefAttempt, ...], goal: Goal, english: bool) -> Part | None:
    last = stands_in_the_way(tried, goal)
    if last:
        detail = f": {' '.join(last.detail[:READ].split())}" if last.detail.strip() else ""
        return Part(f"The assistant tried “{named(last.step)}” and {RESULT[last.outcome]}{detail}", (last.turn,) if last.turn else ())
    # What was said before the customer's first words answers nothing.
    began = next((at for at, line in enumerate(transcript.lines) if line.author == Author.CUSTOMER), 0)
    answers = [line for line in transcript.lines[began:] if line.author in (Author.ASSISTANT, Author.AGENT)]
    found = next((Part(said, _numbers((line,))) for line in reversed(answers[-ANSWERS_READ:]) if (said := reply_of(line, english))), None)
    if found or answers:
        return found or Part("The assistant’s last answers were only courtesies", _numbers(answers[-1:]))
    if tried:
        last = tried[-1]
        return Part(f"The assistant tried “{named(last.step)}” and {RESULT[last.outcome]}", (last.turn,) if last.turn else ())
    return Part("The assistant has not answered", _numbers(transcript.said[-1:]))


def _open_to(transcript: Transcript, goal: Goal, note: str, english: bool) -> Part | None:
    """A note beats everything; else what the customer said last, unless the issue says it already."""
    if note:
        return Part(f"Note: {cut(' '.join(note[:READ].split()), OPEN_TO - 1)}")
    if not transcript.said:
        return None
    last = transcript.said[-1]
    if asked(last.text[:READ]):
        return Part("They asked for a person", _numbers((last,)))
    answered_since = transcript.lines[-1].author in (Author.ASSISTANT, Author.AGENT)
    return None if last.number in goal.turns or answered_since or not english else _reply(last)


def _reply(line: Line) -> Part | None:
    parts = [part for part in sentences(plain(line.text)) if len(part.split()) > 2]
    text = bare(parts[0]) if parts else ""
    if len(text.split()) > 2 and not COURTESY.match(text):
        verb = "They then asked:" if text.endswith("?") else "They then said"
        return Part(f"{verb} {short(lowered(of_customer(text).rstrip('.! ')), OPEN_TO - 3)}", _numbers((line,)))
    if NO.match(line.text):
        return Part("They said no", _numbers((line,)))
    return Part("They said yes", _numbers((line,))) if YES.match(line.text) else None


def _numbers(lines: tuple[Line, ...] | list[Line]) -> tuple[int, ...]:
    return tuple(line.number for line in lines if line.number)


def _stop(sentence: str) -> str:
    return sentence if sentence.rstrip("”").endswith((".", "!", "?", "…")) else f"{sentence}."


