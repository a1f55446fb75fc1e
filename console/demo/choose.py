"""Chooses the demo's dialogues from the STAR data set: python -m console.demo.choose dialogues.jsonl.gz > console/demo/star.jsonl

Reads STAR's dialogues as one JSON line each (id, completion, domains, tasks, user_task, user_annoyed, agent_unsure, happy,
events with who, t, text, act). Takes three of each domain and fills up to 40, a third of them with an annoyed customer, an
unsure agent or an out-of-scope reply, so that about half end with a person. The secret instructions to users are left out.
"""

import gzip
import json
import re
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise, zip_longest
from random import Random
from typing import Any

from console.demo.dialogues import SERVICES, Dialogue, dialogue
from handoffs.detection import detect
from handoffs.policy import Policy
from handoffs.snapshots import Action, Author, Line, Outcome, Proposal, Transcript, Tried

HOW_MANY = 40
WITH_A_PERSON = 22
PER_DOMAIN = 4
PER_TRIGGER = {"low_confidence": 8, "out_of_scope": 4, "high_stakes": 2, "sentiment_drop": 2, "repeated_failure": 6, "assistant_failed": 4}
NAMES = re.compile(
    r"(?<!Dr\. )(?<!Dr )\b(Alexis|Angela|Ben|Brian|Fred|George|Han|Jane|Jim|John|Katarina|Kylo|Leia|Mark|Michael|Susan|Tyler)\b", re.I
)
WHO = {"user": "customer", "agent": "assistant"}
ROUGH = re.compile(r"\b(?:fuck|shit|bitch|dick|sex|porn|rape|nazi|kill|covid|corona\w*|trump|amazon|mturk|wizard|guide|hit|worker)\b", re.I)


def trimmed(row: dict[str, Any]) -> dict[str, Any]:
    """The fields the demo needs, in its words; events with the secret instructions or without words are left out."""
    events = [
        {"who": WHO[event["who"]], "t": event["t"], **{key: event[key] for key in ("text", "act") if event.get(key)}}
        for event in row["events"]
        if event["who"] in WHO and (event.get("text") or event.get("act", "").startswith("query:"))
    ]
    farewell = next((index for index, event in enumerate(events) if re.search(r"bye", event.get("act", ""))), len(events))
    events = events[: farewell + 1]
    return {"id": row["id"], "domains": row["domains"], "tasks": row["tasks"], "name": name_given(events), "events": events}


def name_given(events: list[dict[str, Any]]) -> str:
    """The first name the customer gives, asked or not, or an empty string."""
    said = [event for event in events if "text" in event]
    for question, reply in pairwise([{"who": "assistant", "text": ""}, *said]):
        if reply["who"] == "customer" and (re.search(r"\bname\b", question["text"]) or re.search(r"\b(?:name is|I'm|this is)\b", reply["text"], re.I)):
            found = NAMES.findall(reply["text"])
            if found:
                return str(found[0]).title()
    return ""


def outcome(played: Dialogue) -> str:
    """The trigger that would end the assistant's side under the standard policy, or an empty string."""
    return ending(played)[0]


def ending(played: Dialogue) -> tuple[str, int]:
    """The outcome, and after how many turns it comes."""
    transcript, policy = Transcript(), Policy.model_validate({})
    for number, said in enumerate(played.said, 1):
        if said.author == "customer":
            transcript = replace(transcript, lines=(*transcript.lines, Line(Author.CUSTOMER, said.text)), proposal=None)
            judged = detect(transcript, policy)
        else:
            proposal = _proposal(said.text, said.reported)
            judged = detect(replace(transcript, proposal=proposal), policy)
            clarifying = judged.action is Action.CLARIFY
            line = Line(Author.ASSISTANT, "Which one do you mean?" if clarifying else said.text, clarifying=clarifying)
            transcript = replace(transcript, lines=(*transcript.lines, line), tried=(*transcript.tried, *proposal.attempts))
        if judged.action is Action.HAND_OFF and judged.detection:
            return judged.detection.trigger, number
    return "", len(played.said)


def _proposal(text: str, reported: dict[str, Any]) -> Proposal:
    tried = tuple(Tried(row["step"], Outcome(row["outcome"]), row["detail"], row["shown"]) for row in reported.get("attempts", []))
    return Proposal(text, reported["confidence"], reported["intent"], attempts=tried, failed=reported.get("failed", {}).get("reason", ""))


def fits(row: dict[str, Any]) -> bool:
    """Whole dialogues of 8–40 events that read well, in which customers write in sentences."""
    if row["completion"] != "Complete" or not all(domain in SERVICES for domain in row["domains"]):
        return False
    made = trimmed(row)
    texts = [event["text"] for event in made["events"] if event["who"] == "customer" and "text" in event]
    return 8 <= len(made["events"]) <= 40 and len(texts) >= 4 and not ROUGH.search(" ".join(texts)) and sum(map(len, texts)) / len(texts) >= 28


def choose(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    domains: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    tempers: Counter[bool] = Counter()
    chosen: list[dict[str, Any]] = []
    for row in rows:
        made = trimmed(row)
        end = outcome(dialogue(made))
        troubled = bool(row["user_annoyed"] or row["agent_unsure"] or any(event.get("act") == "out_of_scope" for event in row["events"]))
        room = ends[end] < PER_TRIGGER.get(end, HOW_MANY - WITH_A_PERSON) and tempers[troubled] < HOW_MANY * (0.5 if troubled else 0.7)
        if room and domains[row["domains"][0]] < PER_DOMAIN and len(chosen) < HOW_MANY:
            domains[row["domains"][0]] += 1
            ends[end] += 1
            tempers[troubled] += 1
            chosen.append(made)
    print(domains, ends, tempers, file=sys.stderr)
    return chosen


def in_order(chosen: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that end with a person and the others by turns; the first three come to a person quickly, so that the queue fills soon."""
    ends = {row["id"]: ending(dialogue(row)) for row in chosen}
    passed = [row for row in chosen if ends[row["id"]][0]]
    quickest = sorted(passed, key=lambda row: ends[row["id"]][1])[:3]
    passed = [*quickest, *(row for row in passed if row not in quickest)]
    others = [row for row in chosen if not ends[row["id"]][0]]
    return [row for pair in zip_longest(passed, others) for row in pair if row]


def main(path: str) -> None:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [row for row in map(json.loads, file) if fits(row)]
    Random("baton").shuffle(rows)
    # Rare endings and annoyed customers first, so that the ordinary rest does not crowd them out.
    rare = {row["id"]: outcome(dialogue(trimmed(row))) in ("explicit_request", "assistant_failed", "out_of_scope") for row in rows}
    rows.sort(key=lambda row: (not rare[row["id"]], not row["user_annoyed"]))
    chosen = choose(rows)
    Random("order").shuffle(chosen)
    for row in in_order(chosen):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
