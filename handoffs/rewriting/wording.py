"""What a language model is asked about a brief, and which of its words may be used. Pure."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pydantic import ValidationError

from handoffs.briefing import redaction
from handoffs.briefing.claim_words import FINITE
from handoffs.briefing.claims import without_orders
from handoffs.briefing.faithful import details, foreign, unsupported
from handoffs.briefing.fields import BY_CODE
from handoffs.snapshots import Author, Brief, Fact, Line, Sentence, Value

GOAL_WORDS, SUMMARY_WORDS, SENTENCES = 12, 60, (2, 3)
# Characters of goal and summary together: a few words may be very long, and of a very long text not all would be looked at.
MOST_CHARACTERS = 1000
FIRST_TURNS, LAST_TURNS, LONGEST_TURN = 4, 60, 1500
KINDS = {"name": "NAME", "e-mail": "EMAIL", "phone": "PHONE", "secret": "SECRET", "id": "ID"}
PLACES = frozenset(["address", "postcode"])
# What no brief shows in full.
SHUT = re.compile(r"⟦(?:CARD|SECRET|IBAN)_")
# Markup, links, talk about the task itself, and orders to the reader.
NO_SUMMARY = re.compile(
    r"[<>{}\[\]`|\\\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]|://|\bwww\."
    r"|\b(?:json|system prompt|(?:previous|these|my|new) instructions?|language model|as an ai|the data)\b", re.I,
)
ORDER = re.compile(
    r"^\W*(?:please|kindly|give|grant|approve|refund|pay|send|issue|offer|transfer|escalate|call|contact|e-?mail|visit|click|open|tell|ask|provide|confirm|verify|reset"
    r"|unlock|delete|cancel|ignore|do|don't|make|let|apply|credit|compensate|upgrade|close|skip|trust|treat|go|use|say|write|reply|answer|put|add|remove)\b"
    r"|\b(?:must|should|shall|ought|immediately|at once|urgently|top priority)\b", re.I,
)
# The share of a text's words of content that may be the model's own; measured in docs/brief.md.
MOST_FOREIGN = 0.5


class Unfaithful(Exception):
    """Words that may not be used; `str()` says why."""


class Worded(Value):
    """A sentence of the summary as the model words it."""

    text: str
    about: Literal["issue", "obstacle", "open_to"]
    turns: tuple[int, ...]


class Wording(Value):
    """What a model may change in a brief: the goal and the summary, each with its turns."""

    goal: str
    goal_turns: tuple[int, ...]
    sentences: tuple[Worded, ...]


def data(lines: tuple[Line, ...], brief: Brief) -> dict[str, Any]:
    """What the model is told: turns, attempts, and the brief's own words. Nothing of the record, and no facts beside the turns they stand in."""
    return {
        "turns": [{"number": line.number, "by": line.author.value, "text": line.text[:LONGEST_TURN]} for line in _shown(lines)],
        "attempts": [{"step": each.step, "detail": each.detail, "outcome": each.outcome.value, "turn": each.turn} for each in brief.attempts],
        "brief": {"goal": brief.goal, "sentences": [sentence.text for sentence in brief.sentences]},
    }


def personal(brief: Brief, names: list[str], emails: list[str]) -> dict[str, set[str]]:
    """Values known to be somebody's, by the kind of token that stands for them."""
    values: dict[str, set[str]] = {"NAME": set(filter(None, names)), "EMAIL": set(filter(None, emails))}
    for fact in brief.facts:
        if kind := _kind(fact):
            values.setdefault(kind, set()).update(value for value in (fact.value, *(was.value for was in fact.was)) if len(value) > 2)
    return values


def messages(sent: Any) -> list[dict[str, str]]:
    """The instructions, and the data as JSON in a message of its own: quotes and line ends in it cannot end it."""
    return [{"role": "system", "content": _instructions()}, {"role": "user", "content": json.dumps({"data": sent}, ensure_ascii=False)}]


def read(reply: str, tokens: dict[str, str]) -> Wording:
    """The model's words with values in the place of tokens. Raises ValueError when they have another form, Unfaithful when tokens are broken."""
    try:
        found = Wording.model_validate_json(reply.strip().removeprefix("```").removeprefix("json").removesuffix("```"))
    except (ValidationError, RecursionError):
        raise ValueError("its answer has another form than asked for") from None
    texts = " ".join([found.goal, *(sentence.text for sentence in found.sentences)])
    if broken := redaction.damaged(texts, tokens):
        raise Unfaithful(f"tokens that were not sent: {', '.join(broken[:3])}")
    if SHUT.search(texts):
        raise Unfaithful("it names a card, an account or a password")
    put_back = [sentence.model_copy(update={"text": redaction.restore(sentence.text, tokens).strip()}) for sentence in found.sentences]
    return found.model_copy(update={"goal": redaction.restore(found.goal, tokens).strip().rstrip("."), "sentences": tuple(put_back)})


def check(found: Wording, lines: tuple[Line, ...], brief: Brief, known: list[str]) -> None:
    """Raises Unfaithful unless all of it stands in the conversation, the attempts and what is known, and has a brief's length."""
    summary = " ".join(sentence.text for sentence in found.sentences)
    if not found.goal or len(found.goal.split()) > GOAL_WORDS:
        raise Unfaithful(f"the goal has {len(found.goal.split())} words")
    if not SENTENCES[0] <= len(found.sentences) <= SENTENCES[1] or len(summary.split()) > SUMMARY_WORDS or not all(each.text for each in found.sentences):
        raise Unfaithful(f"the summary has {len(found.sentences)} sentences and {len(summary.split())} words")
    if len(found.goal) + len(summary) > MOST_CHARACTERS:
        raise Unfaithful(f"it has {len(found.goal) + len(summary)} characters")
    if odd := NO_SUMMARY.search(f"{found.goal} {summary}"):
        raise Unfaithful(f"it is no summary: {odd.group()!r}")
    if order := next((each.text for each in found.sentences if ORDER.search(each.text)), ""):
        raise Unfaithful(f"it tells the reader what to do: {order}")
    wrong = [*_unsupported(found, lines, brief, known), *_stale(f"{found.goal} {summary}", brief)]
    if wrong:
        raise Unfaithful(f"stands nowhere: {'; '.join(dict.fromkeys(wrong))}")


def reworded(brief: Brief, found: Wording) -> Brief:
    """The brief in the model's words, save for what people have put right."""
    changes: dict[str, Any] = {"written_by": "model"}
    if "goal" not in brief.corrected:
        changes |= {"goal": found.goal, "goal_turns": found.goal_turns}
    if "summary" not in brief.corrected:
        changes["sentences"] = tuple(Sentence(text=each.text, about=each.about, turns=each.turns) for each in found.sentences)
    return brief.model_copy(update=changes)


def known_of(brief: Brief, names: list[str]) -> list[str]:
    """What may be said beside what stands in the turns: the customer's names, the record, and what the assistant sent."""
    record = brief.record.model_dump(mode="json")
    return [*names, *(f"{name}: {value}" for name, value in _leaves(record)), *(f"{fact.name} {fact.value}" for fact in brief.facts if fact.turn is None)]


def _unsupported(found: Wording, lines: tuple[Line, ...], brief: Brief, known: list[str]) -> Iterator[str]:
    said = {line.number: without_orders(line.text) if line.author is Author.CUSTOMER else line.text for line in lines}
    ours = [line.text for line in lines if line.author is not Author.CUSTOMER]
    steps = [f"{attempt.step} {attempt.detail}" for attempt in brief.attempts]
    yield from details(found.goal, [*(said.get(number, "") for number in found.goal_turns), *known, *steps])
    for text, turns in ((_as_wish(found.goal), found.goal_turns), *((sentence.text, sentence.turns) for sentence in found.sentences)):
        if not turns or not said.keys() >= set(turns):
            yield f"the turns of “{text}”"
        elif foreign(text, [*said.values(), *known, *steps]) > MOST_FOREIGN:
            yield text
        else:
            yield from unsupported(text, [said[number] for number in turns], known, attempts=brief.attempts, ours=ours)


def _as_wish(goal: str) -> str:
    """A goal is wished for, unless it says that something is so: "Refund for the lamp", but not "The refund was approved"."""
    return goal if FINITE.search(goal) else f"They want to {goal[:1].lower()}{goal[1:]}"


def _stale(text: str, brief: Brief) -> Iterator[str]:
    """Values that the customer has put right since."""
    now = {fact.value for fact in brief.facts}
    for fact in brief.facts:
        yield from (was.value for was in fact.was if was.value not in now and re.search(rf"(?<!\w){re.escape(was.value)}(?!\w)", text, re.I))


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from (leaf for key, each in value.items() for leaf in _leaves(each, key))
    elif isinstance(value, list):
        yield from (leaf for each in value for leaf in _leaves(each, name))
    elif value not in (None, ""):
        yield name, value


def _shown(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return lines if len(lines) <= FIRST_TURNS + LAST_TURNS else (*lines[:FIRST_TURNS], *lines[-LAST_TURNS:])


def _sensitive(fact: Fact) -> bool:
    return fact.name in BY_CODE and BY_CODE[fact.name].sensitive


def _kind(fact: Fact) -> str:
    if fact.name in PLACES:
        return "ADDRESS"
    if fact.name == "username" or (_sensitive(fact) and BY_CODE[fact.name].kind != "id"):
        return "SECRET" if _sensitive(fact) else "ID"
    return KINDS.get(BY_CODE[fact.name].kind, "") if fact.name in BY_CODE and fact.name != "version" else ""


@cache
def _instructions() -> str:
    return files("handoffs.rewriting").joinpath("instructions.txt").read_text(encoding="utf-8")
