"""Template tags that say why a conversation was handed over: the question a trigger asks, and what made it fire."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from handoffs import routing
from handoffs.models import Handoff

register = template.Library()

ANSWERS = {"asked": "Their own wish", "should": "Should the AI answer this? No", "can": "Could the AI answer this? No"}
QUOTES = ("words", "missing", "claims")
NAMES = {
    "refund_above": "limit", "clarify_at": "a person under", "answer_at": "an answer from", "questions_asked": "questions asked before",
    "intent_confidence": "sure of the topic", "silent_for": "silent, seconds",
}
# Where it was said, or what the reason says already ("2 steps failed in a row").
LEFT_OUT = frozenset(["turns", "topic", "reason", "button", "failures", "repeats", "times"])


@register.filter
def answered(question: object) -> str:
    """The trigger's question with its answer, as a lead would put it."""
    return ANSWERS.get(str(question or ""), "")


@register.filter
def why_here(handoff: Handoff) -> str:
    """Why a handoff stands where it does in the queue."""
    return routing.why_here(handoff)


@register.filter
def quotes(evidence: Mapping[str, Any]) -> list[str]:
    """What was said, by the customer or in the answer, in its own words."""
    found = [value for name in QUOTES for value in _many(evidence.get(name))]
    return list(dict.fromkeys(str(value) for value in found if value))


@register.filter
def figures(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The numbers and names behind a detection, each with what it is."""
    rest = ((name, value) for name, value in evidence.items() if name not in QUOTES and name not in LEFT_OUT and value not in (None, "", [], 0))
    return [(NAMES.get(name, name.replace("_", " ")), _plain(value)) for name, value in rest]


@register.filter
def marked(text: str, words: Sequence[str]) -> SafeString:
    """A text with some of its words marked, each at its first place."""
    return format_html_join("", "{}", ((part,) for part in _parts(text, sorted(words, key=len, reverse=True))))


def _parts(text: str, words: Sequence[str]) -> Iterator[SafeString]:
    found = next((word for word in words if word and word in text), "")
    if not found:
        yield mark_safe(escape(text))  # noqa: S308  (escaped right here)
        return
    before, _, after = text.partition(found)
    yield from _parts(before, words)
    yield format_html("<mark>{}</mark>", found)
    yield from _parts(after, [word for word in words if word != found])


def _many(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
