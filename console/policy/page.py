"""What the policy page shows beside its live half: the limits, the lists, the rules, and the versions before."""

from collections import Counter
from datetime import timedelta
from typing import Any

from console.policy.copilots import copilots_now
from console.policy.form import LISTS, NUMBERS, SWITCHES, TOPIC, Form
from console.policy.worth import band_now, found, worth_now
from handoffs import clock, detection, publishing, verdicts
from handoffs.differences import name_of
from handoffs.models import Handoff, PolicyVersion, Team
from handoffs.policy import Policy
from handoffs.snapshots import Question

MONTH = timedelta(days=30)
ABOUT = {
    "humans_only": "Whatever your team keeps for people, however sure the assistant is.",
    "out_of_scope": "What no assistant’s knowledge covers.",
    "compliance": "What rules forbid an assistant to advise on.",
    "high_stakes": "What is dear or cannot be undone.",
}
QUESTIONS = (
    (Question.ASKED, "Does the customer want a person?"),
    (Question.SHOULD, "Should an assistant answer this?"),
    (Question.CAN, "Can this assistant answer it well?"),
)
# Fields with their unit and a line about them; whatever else has a number stands under the times.
RULES = {
    "refund_above": ("should", "", "Refunds, credits, closures"),
    "mood_falls": ("can", "in a row", "Counted over consecutive messages"),
    "same_question_limit": ("can", "times", "Asked again, in the same or in other words"),
    "no_progress_limit": ("can", "tries", "Steps that failed or were refused"),
    "silent_after": ("can", "seconds", "It owes an answer and says nothing"),
}
TIMES = {
    "check_in_every": ("seconds", "What the waiting customer is told anew"),
    "remind_before": ("seconds", "The customer hears that we are about to call"),
    "wrap_up_for": ("seconds", "The two questions and the articles, after a hand back"),
    "turns_a_minute": ("messages", "In a minute; what is more is kept and answered together"),
    "address_good_for": ("seconds", "Then its link says kindly that it is over"),
    "agent_grace": ("seconds", "Then the conversation goes to the front of the queue"),
    "answer_within": ("seconds", "Then agent and lead are called, later the customer told; 0 is never"),
    "answer_letters_within": ("seconds", "The same where words go by mail or message; 0 is never"),
    "undo_for": ("seconds", "After resolve, hand back and transfer"),
    "close_after": ("seconds", "With nothing said by anybody"),
    "wait_samples": ("waits", "The latest of the team"),
    "offer_for": ("seconds", "In teams that give out work; then the next agent"),
    "away_after_misses": ("missed", "Offers in a row, so nobody seems to be there"),
    "alarm_after_offers": ("offers", "Declined or missed, for one customer, who is told too"),
    "away_when_idle": ("seconds", "Without a key or a pointer; 0 is never"),
}
SWITCHED = {
    "attends_waiting": "It takes what they add, answers how long it takes still, and may offer a solution; only their yes takes them out of line",
    "phrases_check_ins": "Where a model is configured, and only if its words say the same",
}
ELSEWHERE = frozenset({"answer_at", "clarify_at", "shadow_share", "calibrated", "wait_samples"})
TITLES = {"refund_above": "Money is above", "mood_falls": "Mood falls", "same_question_limit": "The same question comes back",
          "no_progress_limit": "Nothing works", "silent_after": "The assistant is silent", "check_in_every": "News while waiting, every",
          "remind_before": "A callback’s reminder comes before it by", "wrap_up_for": "The wrap-up stays open for",
          "turns_a_minute": "One customer’s messages are judged one by one up to", "address_good_for": "A closed chat’s link is good for",
          "agent_grace": "An agent’s line is lost for", "undo_for": "Undo stays open for",
          "answer_within": "An agent answers on the page within", "answer_letters_within": "An agent answers a letter within",
          "close_after": "A quiet conversation closes after",
          "wait_samples": "An estimate is made from", "offer_for": "An offer is held for", "away_after_misses": "An agent is set away after",
          "alarm_after_offers": "A lead is called after", "away_when_idle": "An agent is set away when idle for"}


def context(policy: Policy, form: Form) -> dict[str, Any]:
    """`policy` is the draft's values, or those in force when there is no draft."""
    live = PolicyVersion.in_force()
    return {
        "form": form,
        "own_limits": [_own(intent, form) for intent in sorted(policy.limits)],
        "intents": _intents_without(policy),
        "lists": [_list(name, policy, live, form) for name in LISTS],
        "all_teams": list(Team.objects.all()),
        "review": publishing.review(),
        "versions": publishing.history(),
        "rules": [_rule(name, form, unit, about, asks) for name, (asks, unit, about) in RULES.items()],
        "times": [_rule(name, form, *TIMES.get(name, ("", ""))) for name in NUMBERS if name not in RULES and name not in ELSEWHERE and name not in SWITCHES],
        "switches": [_rule(name, form, about=about) for name, about in SWITCHED.items()],
        "band": band_now(policy, live),
        "worth": worth_now(policy),
        "copilots": copilots_now(policy, form),
        "found": found(policy),
        "new_limit": form["new.limits.intent"],
        "triggers": [(title, _triggers(question)) for question, title in QUESTIONS],
    }


def _triggers(question: Question) -> list[dict[str, str]]:
    """What asks this question, in the order in which it counts."""
    asking = [trigger for trigger in detection.triggers() if trigger.question == question]
    return [{"label": trigger.label, "about": " ".join((trigger.__doc__ or "").split())} for trigger in asking]


def _rule(name: str, form: Form, unit: str = "", about: str = "", asks: str = "") -> dict[str, Any]:
    return {"field": form[name], "title": TITLES.get(name, name_of(name)), "unit": unit, "about": about, "asks": asks}


def _own(intent: str, form: Form) -> dict[str, Any]:
    fields = {name: form[f"limits.{intent}.{name}"] for name in ("clarify_at", "answer_at", "accept")}
    return {"intent": intent, "found": found(form.policy.limits[intent], intent), **fields, "wrong": any(field.wrong for field in fields.values())}


def _list(name: str, policy: Policy, live: Policy, form: Form) -> dict[str, Any]:
    counts, known = _handed_off(name), {topic.code for topic in getattr(live, name)}
    topics = [
        {"topic": topic, "count": counts[topic.code], "is_new": topic.code not in known, **{field: form[f"{name}.{topic.code}.{field}"] for field in TOPIC}}
        for topic in getattr(policy, name)
    ]
    new = {field: form[f"new.{name}.{field}"] for field in TOPIC}
    return {"name": name, "title": name_of(name), "about": ABOUT.get(name, ""), "topics": topics, "new": new,
            "open": any(field.wrong for field in new.values())}


def _handed_off(trigger: str) -> Counter[str]:
    """How often each topic of a list began a handoff in the last month."""
    rows = Handoff.objects.filter(created_at__gte=clock.now() - MONTH, trigger=trigger).values_list("detections", flat=True)
    return Counter(found[0].get("evidence", {}).get("topic", "") for found in rows if found)


def _intents_without(policy: Policy) -> list[dict[str, Any]]:
    """Intents that have no limits of their own: those assistants named lately, most answers first, then those of the teams."""
    named = [{"intent": each.intent.lower(), "answers": each.proposals, "judged": each.judged} for each in verdicts.intents() if each.intent]
    of_teams = {intent for intents in Team.objects.values_list("intents", flat=True) for intent in intents} - {each["intent"] for each in named}
    return [each for each in (*named, *({"intent": intent} for intent in sorted(of_teams))) if each["intent"] not in policy.limits]
