"""How often each trigger fires on customers' messages, by what the messages are about."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

from handoffs import plugins, wording
from handoffs.evaluation.files import Files, Row
from handoffs.policy import Policy
from handoffs.snapshots import Author, Line, Question, Transcript

SEED = 7
PAIRS = 3000
# An intent is listed when at least this share of its messages fires.
WORTH_SAYING = 0.02
CUSTOMERS = ("user", "customer")


class Triggers:
    """Nothing is trained: messages of --test go through the triggers of the standard policy one by one, dialogues turn by turn.

    Prints the share of messages on which each trigger fires, by intent where it is worth saying; for dialogues the share in which one is
    repeated; and on pairs of messages how often two of one intent, and two of different ones, count as the same need.
    """

    code = "triggers"

    def measure(self, files: Files) -> dict[str, Any]:
        """Raises ValueError without a message to test."""
        messages = [pair for row in files.test for pair in _messages(row)]
        if not messages:
            raise ValueError("--test has no customer's message")
        found: dict[str, Any] = {"messages": len(messages)}
        for code, trigger in plugins.load("handoffs.triggers").items():
            if trigger.question is not Question.CAN:
                found[code] = _fired(trigger, messages)
        return found | _pairs(messages) | _dialogues(files.test)


def _messages(row: Row) -> Iterator[tuple[str, str]]:
    """Each message of a row with what it is about."""
    if "events" in row:
        about = "+".join(str(domain) for domain in row["domains"])
        yield from ((event["text"], about) for event in row["events"] if event["who"] in CUSTOMERS and event.get("text"))
    elif text := row.get("text") or row.get("utterance"):
        yield str(text), str(row.get("intent") or "+".join(row.get("intents", [])))


def _fired(trigger: Any, messages: list[tuple[str, str]]) -> dict[str, Any]:
    policy, of, fired = Policy.model_validate({}), Counter(about for _, about in messages), Counter[str]()
    for text, about in messages:
        fired[about] += trigger.detect(Transcript(lines=(Line(Author.CUSTOMER, text, 1),)), policy) is not None
    shares = {about: round(count / of[about], 3) for about, count in fired.most_common() if count >= WORTH_SAYING * of[about] and count}
    return {"share": round(sum(fired.values()) / len(messages), 5), "by_intent": shares}


def _pairs(messages: list[tuple[str, str]]) -> dict[str, float]:
    """The shares of pairs that count as the same need; empty without two intents of two messages."""
    chance, by_intent = Random(SEED), defaultdict(list)
    for text, about in messages:
        by_intent[about].append(wording.read(text))
    intents = sorted(intent for intent, readings in by_intent.items() if len(readings) > 1)
    if len(intents) < 2:
        return {}
    same = other = 0
    for _ in range(PAIRS):
        one, two = chance.sample(intents, 2)
        same += wording.same_need(*chance.sample(by_intent[one], 2))
        other += wording.same_need(chance.choice(by_intent[one]), chance.choice(by_intent[two]))
    return {"same_need_of_one_intent": same / PAIRS, "same_need_of_two": other / PAIRS}


def _dialogues(rows: tuple[Row, ...]) -> dict[str, float]:
    talks = [[event for event in row["events"] if event.get("text")] for row in rows if "events" in row]
    trigger, policy = plugins.load("handoffs.triggers")["repeated_failure"], Policy.model_validate({})
    repeated = [any(trigger.detect(each, policy) for each in _turns(talk)) for talk in talks]
    return {"dialogues": len(talks), "repeated_failure": sum(repeated) / len(talks)} if talks else {}


def _turns(talk: list[dict[str, Any]]) -> Iterator[Transcript]:
    """The dialogue as it stands after each of the customer's turns."""
    lines = tuple(Line(Author.CUSTOMER if event["who"] in CUSTOMERS else Author.ASSISTANT, event["text"], n) for n, event in enumerate(talk, 1))
    return (Transcript(lines=lines[: line.number]) for line in lines if line.author is Author.CUSTOMER)
