"""A gathering as the values a replay's row keeps: every share with its 95 % interval, and what cannot be known."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np

from handoffs import plugins
from handoffs.learned.estimates import Share, wrong_share
from handoffs.policy import Policy
from handoffs.simulation.gathering import POLICIES, Gathering
from handoffs.simulation.load import HOURS, Staff, waits
from handoffs.simulation.tally import DRAWS

WEEK = timedelta(days=7)
TOPICS_SHOWN = 30
FEWEST_JUDGED = 10
FEWEST_CUSTOMERS = 30
VERSION = 1
CANNOT_KNOW = (
    "Whether customers would have been more satisfied, or their problems solved: a replay only knows what was said under the policy of its day.",
    "What a customer would have said next to another reply: their words are taken as they were.",
)


def result(gathered: Gathering, draft: Policy, staff: Mapping[str, Staff], names: Mapping[str, str]) -> dict[str, Any]:
    """`staff` and `names` are the teams' by code; the shape is described in docs/replay.md."""
    tally = gathered.tally
    count = int(tally.total("conversations"))
    teams = [_team(gathered, code, names.get(code, code), staff.get(code)) for code in _teams(gathered)]
    return {
        "version": VERSION, "conversations": count, "events": gathered.events,
        "since": gathered.since.isoformat() if gathered.since else None, "until": gathered.until.isoformat() if gathered.until else None,
        "handed_off": _both(gathered, "handed") | {"draft_at_most": (tally.total(("handed", "draft")) + gathered.unknown) / count if count else 0.0},
        "asked": _both(gathered, "asked"),
        "reasons": _reasons(gathered), "topics": _topics(gathered, draft), "teams": teams, "work": _work(gathered, staff),
        "flips": {
            "total": gathered.kinds.total(), "kept": len(gathered.flips),
            "kinds": [{"before": before, "after": after, "count": n} for (before, after), n in gathered.kinds.most_common()],
        },
        "wrong": _wrong(gathered),
        "not_covered": {
            "conversations": gathered.unknown, "share": gathered.unknown / count if count else 0.0, "answers": gathered.unjudgeable["draft"],
        },
        "words_assumed": gathered.assumed, "cannot_know": _cannot_know(gathered),
    }


def _both(gathered: Gathering, name: str) -> dict[str, Any]:
    tally, live, draft = gathered.tally, (name, "live"), (name, "draft")
    return {
        "live": tally.share(live, "conversations").plain, "draft": tally.share(draft, "conversations").plain,
        "difference": tally.difference(live, draft, "conversations").plain,
        "live_count": int(tally.total(live)), "draft_count": int(tally.total(draft)),
    }


def _reasons(gathered: Gathering) -> list[dict[str, Any]]:
    tally = gathered.tally
    codes = {name[2] for name in tally.names("reason")}
    labels = {code: trigger.label for code, trigger in plugins.load("handoffs.triggers").items()}
    rows = [
        {
            "trigger": code, "label": labels.get(code, code.replace("_", " ").capitalize()),
            **{policy: int(tally.total(("reason", policy, code))) for policy in POLICIES},
            **{f"{policy}_share": tally.share(("reason", policy, code), ("handoffs", policy)).plain for policy in POLICIES},
        }
        for code in codes
    ]
    return sorted(rows, key=lambda row: (-max(row["live"], row["draft"]), row["trigger"]))


def _topics(gathered: Gathering, draft: Policy) -> list[dict[str, Any]]:
    tally = gathered.tally
    people_only = {intent.lower() for topic in draft.humans_only for intent in topic.intents}
    most = sorted(gathered.topics, key=lambda topic: (-tally.total(("topic", topic)), topic))[:TOPICS_SHOWN]
    return [
        {
            "intent": topic, "label": topic.replace("_", " ").capitalize() or "No topic", "conversations": int(tally.total(("topic", topic))),
            **{policy: tally.share(("handed", policy, topic), ("topic", topic)).plain for policy in POLICIES},
            "difference": tally.difference(("handed", "live", topic), ("handed", "draft", topic), ("topic", topic)).plain,
            "people_only": topic in people_only,
        }
        for topic in most
    ]


def _teams(gathered: Gathering) -> list[str]:
    codes = {name[2] for name in gathered.tally.names("team")}
    return sorted(codes, key=lambda code: (-gathered.tally.total(("team", "live", code)), code))


def _team(gathered: Gathering, code: str, name: str, staff: Staff | None) -> dict[str, Any]:
    weeks = _weeks(gathered)
    hours = {policy: _hours(gathered, policy, code) for policy in POLICIES}
    busiest = int(np.argmax(hours["draft"]))
    row = {
        "team": code, "name": name, "a_week": {policy: gathered.tally.amount(("team", policy, code), weeks).plain for policy in POLICIES},
        "hours": {policy: hours[policy].round(3).tolist() for policy in POLICIES},
        "busiest": {"hour": busiest, **{policy: float(hours[policy][busiest].round(3)) for policy in POLICIES}},
        "work": None, "wait": None, "overloaded": None, "why_no_wait": "",
    }
    if staff is None:
        return row | {"why_no_wait": "No finished handoffs of this team to learn its pace from."}
    if not staff.room.any():
        return row | {"why_no_wait": "Nobody was seen at work in this team."}
    waited = {policy: _wait(gathered, policy, code, staff) for policy in POLICIES}
    return row | {
        "work": {policy: gathered.tally.amount(("team", policy, code), weeks * 3600 / staff.handle).plain for policy in POLICIES},
        "wait": {policy: share.plain for policy, (share, _) in waited.items()}, "overloaded": {policy: over for policy, (_, over) in waited.items()},
    }


def _wait(gathered: Gathering, policy: str, code: str, staff: Staff) -> tuple[Share, int]:
    seconds, overloaded = waits(_hours(gathered, policy, code), staff)
    drawn = np.zeros((DRAWS, HOURS))
    for name in gathered.tally.names("hour"):
        if name[1:3] == (policy, code):
            drawn[:, name[3]] = gathered.tally.drawn(name) / _weeks(gathered)
    low, high = np.quantile(waits(drawn, staff)[0], (0.025, 0.975))
    return Share(float(seconds), float(low), float(high)), int(overloaded)


def _hours(gathered: Gathering, policy: str, code: str) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Handoffs in each hour of a week."""
    return np.array([gathered.tally.total(("hour", policy, code, hour)) for hour in range(HOURS)]) / _weeks(gathered)


def _work(gathered: Gathering, staff: Mapping[str, Staff]) -> dict[str, Any] | None:
    """People's hours a week in the teams whose pace is known."""
    known = {code: staff[code].handle / 3600 / _weeks(gathered) for code in _teams(gathered) if code in staff}
    if not known:
        return None

    def hours(policy: str, of: Any) -> Any:
        return sum(of(("team", policy, code)) * each for code, each in known.items())

    tally = gathered.tally
    live, draft = (Share(float(hours(policy, tally.total)), *tally.interval(partial(hours, policy))) for policy in POLICIES)
    apart = tally.interval(lambda of: hours("draft", of) - hours("live", of))
    return {"live": live.plain, "draft": draft.plain, "difference": Share(draft.value - live.value, *apart).plain}


def _wrong(gathered: Gathering) -> dict[str, Any]:
    """The share of answers that are wrong, where people judged answers on each side of the limit."""
    shares, why = {}, ""
    for policy in POLICIES:
        sides = (gathered.given[policy], gathered.held[policy])
        thin = next((words for side, words in zip(sides, ("given", "held back"), strict=True) if side.answers and side.judged < FEWEST_JUDGED), "")
        shares[policy] = None if thin else wrong_share(sides)
        why = why or (f"Fewer than {FEWEST_JUDGED} of the answers {thin} were judged." if thin else "")
    draft_given, draft_held = gathered.given["draft"], gathered.held["draft"]
    return {
        **{policy: share.plain if share else None for policy, share in shares.items()},
        "answers_live": gathered.given["live"].answers + gathered.held["live"].answers, "answers_draft": draft_given.answers + draft_held.answers,
        "judged_live": draft_given.judged, "judged_held": draft_held.judged,
        "why_not": why or ("" if shares["draft"] else "No answers to judge."),
    }


def _cannot_know(gathered: Gathering) -> list[str]:
    words = list(CANNOT_KNOW)
    if gathered.unknown:
        words.append(f"How {gathered.unknown} conversations went on that a person took over and the draft leaves to the assistant: not covered.")
    if gathered.unjudgeable["draft"]:
        words.append(f"Whether {gathered.unjudgeable['draft']} answers the draft would give are right: held back while no drafts were judged, not covered.")
    if gathered.conversations and gathered.tally.groups() < FEWEST_CUSTOMERS:
        words.append(f"How other customers would differ: with fewer than {FEWEST_CUSTOMERS} customers the ranges are too narrow.")
    return words


def _weeks(gathered: Gathering) -> float:
    """The length of the history in weeks; a shorter one counts as one week."""
    return max(1.0, (gathered.until - gathered.since) / WEEK) if gathered.since and gathered.until else 1.0
