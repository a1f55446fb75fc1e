"""What one policy changes against another, in sentences people read. Pure."""

from typing import Any

from handoffs.policy import ANY, Limits, Policy, Topic

# Each field as people call it; one that is missing here is called by its name.
NAMES = {
    "answer_at": "Answer from",
    "clarify_at": "Hand over under",
    "accepted_wrong": "Accepted share of wrong answers",
    "autonomy": "A copilot answers alone",
    "calibrated": "What an assistant’s confidence turned out to be worth",
    "shadow_share": "Drafts to judge, of what is handed over",
    "humans_only": "People only",
    "out_of_scope": "Out of scope",
    "compliance": "Needs a qualified person",
    "high_stakes": "High stakes",
    "refund_above": "Money above",
    "mood_falls": "Mood falls, messages in a row",
    "same_question_limit": "The same question comes back, times",
    "no_progress_limit": "Nothing works, tries",
    "silent_after": "The assistant is silent, seconds",
    "check_in_every": "An update while waiting, every … seconds",
    "phrases_check_ins": "Updates while waiting in a language model’s words",
    "attends_waiting": "The assistant speaks to customers who wait",
    "remind_before": "A reminder before a callback, seconds",
    "wrap_up_for": "The wrap-up stays open, seconds",
    "turns_a_minute": "A customer’s messages judged one by one, per minute",
    "address_good_for": "A closed conversation’s address is good for, seconds",
    "undo_for": "Undo, seconds",
    "agent_grace": "A lost agent’s chats wait for them, seconds",
    "answer_within": "An agent answers on the page within, seconds",
    "answer_letters_within": "An agent answers a letter within, seconds",
    "close_after": "A quiet conversation closes after, seconds",
    "wait_samples": "Waits an estimate is made from",
    "offer_for": "An offer is held, seconds",
    "away_after_misses": "Set away after missed offers in a row",
    "alarm_after_offers": "A lead is called after offers that came to nothing",
    "away_when_idle": "Set away when idle, seconds",
}
SHARES = frozenset({"accepted_wrong", "shadow_share"})


def differences(old: Policy, new: Policy) -> list[str]:
    """One sentence for each thing that changes; none when both say the same."""
    found: list[str] = []
    for name in Policy.model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before == after:
            continue
        if name == "limits":
            found += _limits(before, after)
        elif name == "autonomy":
            found += _alone(before, after)
        elif isinstance(after, tuple):
            found += _topics(name_of(name), before, after)
        else:
            found.append(f"{name_of(name)}: {reads(name, after)} instead of {reads(name, before)}.")
    return found


def name_of(field: str) -> str:
    return NAMES.get(field, field.replace("_", " ").capitalize())


def reads(name: str, value: Any) -> str:
    """A value as people write it: shares in percent, confidences as `sure` does."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "used" if value else "not used"
    if name in SHARES:
        return f"{100 * value:.3g} %"
    if name in Limits.model_fields:
        return sure(value)
    return f"{value:g}"


def sure(confidence: float) -> str:
    """A confidence with two digits, or with up to four where they say more."""
    text = f"{confidence:.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def _limits(old: dict[str, Limits], new: dict[str, Limits]) -> list[str]:
    gone = [f"{_intent(intent)} has no limits of its own any more." for intent in old if intent not in new]
    changed = [
        f"{_intent(intent)}: a person under {sure(limits.clarify_at)}, an answer from {sure(limits.answer_at)}."
        for intent, limits in new.items() if old.get(intent) != limits
    ]
    return changed + gone


def _alone(old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> list[str]:
    changed = {code: new.get(code, ()) for code in {**old, **new} if old.get(code, ()) != new.get(code, ())}
    words = {code: "everything" if ANY in intents else ", ".join(map(_intent, intents)) or "nothing" for code, intents in changed.items()}
    return [f"As a copilot, {code} answers alone: {said}." for code, said in words.items()]


def _topics(title: str, old: tuple[Topic, ...], new: tuple[Topic, ...]) -> list[str]:
    before, after = {topic.code: topic for topic in old}, {topic.code: topic for topic in new}
    added = [f"{title}: “{topic.label}” comes onto the list." for code, topic in after.items() if code not in before]
    gone = [f"{title}: “{topic.label}” leaves the list." for code, topic in before.items() if code not in after]
    changed = [f"{title}: “{topic.label}” is recognised otherwise." for code, topic in after.items() if code in before and before[code] != topic]
    return added + gone + changed


def _intent(code: str) -> str:
    return code.replace("_", " ").capitalize()
