"""What a press of a button in the policy's form does beside saving its fields: add, remove, find."""

from collections.abc import Mapping
from typing import Any

from console.policy.form import LISTS, LONGEST_NAME, TOO_LONG, Unfilled, checked, new_topic, values
from handoffs import verdicts
from handoffs.policy import Policy

# Nobody judges the millions of answers that less would take.
SMALLEST_SHARE = 1e-6


def edit(policy: Policy, typed: Mapping[str, str]) -> dict[str, Any]:
    """The body a form asks for: what was typed, and what its button adds or removes. Raises Unfilled."""
    body = values(policy, typed)
    if name := typed.get("add"):
        _add(policy, body, name, typed)
    if place := typed.get("remove"):
        _remove(body, *place.partition(".")[::2])
    if intent := typed.get("find"):
        _find(body, "" if intent == "*" else intent, typed)
    return checked(body)


def _find(body: dict[str, Any], intent: str, typed: Mapping[str, str]) -> None:
    """Set the limit that keeps the share of wrong answers typed beside it. Raises Unfilled when too few answers were judged."""
    place = f"limits.{intent}.accept" if intent else "accept"
    share = _share(typed.get(place, ""))
    if share is None:
        raise Unfilled({place: "More than 0 and less than 100 %."})
    suggestion = verdicts.suggest(intent, share)
    if suggestion.limit is None:
        raise Unfilled({place: suggestion.words})
    limits = body["limits"].get(intent) if intent else body
    if limits is not None:
        limits |= {"answer_at": suggestion.limit, "clarify_at": min(limits["clarify_at"], suggestion.limit), "accepted_wrong": share}


def _share(text: str) -> float | None:
    try:
        share = float(text.replace("%", "").replace(",", ".")) / 100
    except ValueError:
        return None
    return share if SMALLEST_SHARE <= share < 1 else None


def _add(policy: Policy, body: dict[str, Any], name: str, typed: Mapping[str, str]) -> None:
    if name in LISTS:
        body[name].append(new_topic(policy, name, typed))
    elif name == "limits":
        intent = typed.get("new.limits.intent", "").strip().lower()
        if not intent or intent in body["limits"]:
            raise Unfilled({"new.limits.intent": "It has limits of its own already." if intent else "Say which intent."})
        if len(intent) > LONGEST_NAME:
            raise Unfilled({"new.limits.intent": TOO_LONG})
        body["limits"][intent] = {"answer_at": body["answer_at"], "clarify_at": body["clarify_at"]}


def _remove(body: dict[str, Any], name: str, code: str) -> None:
    if name == "limits":
        body["limits"].pop(code, None)
    elif name in LISTS:
        body[name] = [topic for topic in body[name] if topic["code"] != code]
