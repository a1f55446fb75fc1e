"""The policy as fields of a form: what each shows, what was typed into it, and what is wrong with that."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from handoffs.differences import sure
from handoffs.policy import Limits, Policy, Topic
from handoffs.publishing import body_of
from handoffs.topics import is_phrase

LISTS = tuple(name for name, field in Policy.model_fields.items() if field.annotation == tuple[Topic, ...])
NUMBERS = tuple(name for name in Policy.model_fields if name not in (*LISTS, "limits", "autonomy", "accepted_wrong"))
SWITCHES = frozenset(name for name in NUMBERS if Policy.model_fields[name].annotation is bool)
PERCENT = frozenset({"shadow_share"})
LIMITS = ("clarify_at", "answer_at")
TOPIC = ("label", "phrases", "intents", "team")
LONGEST_NAME = 100
TOO_LONG = f"At most {LONGEST_NAME} characters."
SIGNS = re.compile(r"[€$£%\s]")
WORDS = {
    "missing": "Fill this in.", "string_too_short": "Fill this in.", "float_parsing": "A number, please.", "int_parsing": "A whole number, please.",
    "int_from_float": "A whole number, please.", "finite_number": "A number, please.", "value_error": "Not above the limit to answer from.",
    "string_too_long": TOO_LONG, "too_long": "Too many: * stands for everything.",
}
BOUNDS = {"greater_than_equal": ("ge", "At least {}."), "less_than_equal": ("le", "At most {}."), "greater_than": ("gt", "More than {}."),
          "less_than": ("lt", "Less than {}.")}


class Unfilled(Exception):
    """What was typed makes no policy; `errors` has words for each field by its name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("some of this cannot be saved yet")
        self.errors = errors


@dataclass(frozen=True)
class Field:
    """One input: its name and value, and what is wrong with it."""

    name: str
    value: str = ""
    wrong: str = ""

    @property
    def id(self) -> str:
        return re.sub(r"\W+", "-", f"f-{self.name}")


class Form:
    """`form["answer_at"]`, `form["limits.refund.answer_at"]`, `form["humans_only.pets.label"]`: what was typed, else what the policy says."""

    def __init__(self, policy: Policy, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None) -> None:
        self.policy, self.typed, self.errors = policy, typed or {}, errors or {}
        self.said = dict(_said(policy))

    def __getitem__(self, name: str) -> Field:
        return Field(name, self.typed.get(name, self.said.get(name, "")), self.errors.get(name, ""))

    def all(self) -> list[Field]:
        """Every field that may be wrong."""
        new = (f"new.{name}.{field}" for name in LISTS for field in TOPIC)
        names = dict.fromkeys((*self.said, *new, "new.limits.intent", *self.errors))
        return [self[name] for name in names if name not in SWITCHES and not name.endswith(".team")]


def values(policy: Policy, typed: Mapping[str, str]) -> dict[str, Any]:
    """The body of a policy with what was typed in place of what it said. Raises Unfilled."""
    raw = body_of(policy)
    for name in NUMBERS:
        if name in SWITCHES:
            # A box that is not ticked sends nothing, as does one that was not shown.
            raw[name] = name in typed if f"shown.{name}" in typed else raw[name]
        elif name in typed:
            raw[name] = _number(name, typed[name], getattr(policy, name))
    raw["accepted_wrong"] = _still_found(policy, typed.get("answer_at"))
    raw["autonomy"] = {code: alone for code, alone in {**raw["autonomy"], **_alone(typed)}.items() if alone}
    raw["limits"] = {intent: _limits(intent, limits, typed) for intent, limits in policy.limits.items()}
    for name in LISTS:
        raw[name] = [_topic(f"{name}.{topic['code']}", topic, typed) for topic in raw[name]]
    if errors := {place: words for name in LISTS for topic in raw[name] for place, words in _wrong(f"{name}.{topic['code']}", topic)}:
        raise Unfilled(errors)
    return checked(raw)


def checked(raw: dict[str, Any]) -> dict[str, Any]:
    """The same values as a policy stores them. Raises Unfilled."""
    try:
        return body_of(Policy.model_validate(raw))
    except ValidationError as error:
        raise Unfilled({_place(each["loc"], raw): _words(each) for each in error.errors()}) from None


def new_topic(policy: Policy, name: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """The topic in the fields for a new one of a list. Raises Unfilled."""
    given = _topic(f"new.{name}", {"label": ""}, typed)
    code = slugify(given["label"]).replace("-", "_")
    errors = dict(_wrong(f"new.{name}", given))
    if not code:
        errors[f"new.{name}.label"] = "Give it a name."
    elif code in {topic.code for topic in getattr(policy, name)}:
        errors[f"new.{name}.label"] = "This name is on the list already."
    if not given["phrases"] and not given["intents"]:
        errors[f"new.{name}.phrases"] = "Say by which words or intents it is recognised."
    if errors:
        raise Unfilled(errors)
    return {"code": code, **given}


def _wrong(place: str, topic: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a topic, by the names of its fields."""
    if not 0 < len(topic["label"]) <= LONGEST_NAME:
        yield f"{place}.label", TOO_LONG if topic["label"] else "Give it a name."
    if never := next((phrase for phrase in topic["phrases"] if not is_phrase(phrase)), None):
        yield f"{place}.phrases", f"“{never}” is never found: begin and end with a word."


def text_of(name: str, value: Any) -> str:
    """A value as its field shows it."""
    if value is None:
        return ""
    if name in PERCENT or name == "accept":
        return f"{100 * value:.4g}"
    if name in LIMITS:
        return sure(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _said(policy: Policy) -> Iterator[tuple[str, str]]:
    for name in NUMBERS:
        yield name, text_of(name, getattr(policy, name))
    yield "accept", text_of("accept", policy.accepted_wrong)
    for intent, limits in policy.limits.items():
        yield from ((f"limits.{intent}.{name}", text_of(name, getattr(limits, name))) for name in LIMITS)
        yield f"limits.{intent}.accept", text_of("accept", limits.accepted_wrong)
    for code, intents in policy.autonomy.items():
        yield f"autonomy.{code}", ", ".join(intents)
    for name in LISTS:
        for topic in getattr(policy, name):
            yield f"{name}.{topic.code}.label", topic.label
            yield f"{name}.{topic.code}.phrases", "\n".join(topic.phrases)
            yield f"{name}.{topic.code}.intents", ", ".join(topic.intents)
            yield f"{name}.{topic.code}.team", topic.team


def _number(name: str, text: str, was: Any) -> Any:
    """What was typed, or the exact value before when the text still says it."""
    if text == text_of(name, was):
        return was
    text = SIGNS.sub("", text).replace(",", ".")
    try:
        return float(text) / 100 if name in PERCENT else text
    except ValueError:
        return text


def _limits(intent: str, limits: Limits, typed: Mapping[str, str]) -> dict[str, Any]:
    said = {name: text_of(name, getattr(limits, name)) for name in LIMITS}
    given = {name: _number(name, typed.get(f"limits.{intent}.{name}", said[name]), getattr(limits, name)) for name in LIMITS}
    return {**given, "accepted_wrong": _still_found(limits, typed.get(f"limits.{intent}.answer_at"))}


def _alone(typed: Mapping[str, str]) -> dict[str, list[str]]:
    """The intents each copilot is to answer alone, by its code."""
    given = {name.partition(".")[2]: words for name, words in typed.items() if name.startswith("autonomy.")}
    return {code: list(dict.fromkeys(word.strip().lower() for word in re.split(r"[\n,]", words) if word.strip())) for code, words in given.items()}


def _still_found(limits: Limits, typed: str | None) -> float | None:
    """The share of wrong answers a limit was found for, unless somebody typed another limit."""
    return limits.accepted_wrong if typed in (None, text_of("answer_at", limits.answer_at)) else None


def _topic(place: str, topic: dict[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """A topic's values with what was typed at its place; what the form does not show stays."""
    given = {name: typed[f"{place}.{name}"].strip() for name in TOPIC if f"{place}.{name}" in typed}
    split: dict[str, Any] = {name: re.split(r"[\n,]" if name == "intents" else r"\n", given[name]) for name in ("phrases", "intents") if name in given}
    return {"phrases": [], "intents": [], **topic, **given, **{name: [word.strip() for word in words if word.strip()] for name, words in split.items()}}


def _place(where: tuple[Any, ...], raw: dict[str, Any]) -> str:
    """The field an error belongs to: a topic's is found by its code, and limits in the wrong order by the lower one."""
    if where and where[0] in LISTS:
        where = (where[0], raw[where[0]][where[1]].get("code", ""), *where[2:3]) if len(where) > 2 else where
    elif where[:1] == ("autonomy",):
        where = where[:2]
    elif not where or (where[0] == "limits" and len(where) == 2):
        where = (*where, "clarify_at")
    return ".".join(map(str, where))


def _words(error: ErrorDetails) -> str:
    key, words = BOUNDS.get(error["type"], ("", ""))
    if not key:
        return WORDS.get(error["type"], error["msg"])
    percent = error["loc"] and error["loc"][-1] in PERCENT
    return words.format(f"{100 * error['ctx'][key]:g} %" if percent else f"{error['ctx'][key]:g}")
