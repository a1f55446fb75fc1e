"""How often the gate before a language model's words lets true ones pass and stops false ones."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from handoffs import briefing
from handoffs.briefing.faithful import details, unsupported
from handoffs.evaluation.briefs import share
from handoffs.evaluation.files import Files, Row
from handoffs.evaluation.star import handed_over
from handoffs.snapshots import Author, BriefAttempt

NUMBER = re.compile(r"(?<![\w.,:/-])\d{1,6}(?![\w.,:/-]|\s?%)")
NAME = re.compile(r"(?<=[a-z] )[A-Z][a-z]{2,20}\b(?! [A-Z])")
DAY = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STRANGERS = ("Oswald", "Beatrice", "Ludmila", "Percival", "Zelda")
AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|does|do|did|can|could|will|would)\b(?! (?:not|no|un\w+)\b)", re.I)
NOT = re.compile(
    r"\b(is|are|was|were|has|have|had|does|do|did|ca|could|wo|would|should)(?:n['’]?t| not)\b"
    r"|\b(?:not|never|no longer)\s|\bcannot\b|\bun(?=able\b)", re.I,
)
AFFIRMED = {word: "" for word in ("not", "never", "no longer", "un")} | {
    "cannot": "can", "can't": "can", "can’t": "can", "cant": "can", "won't": "will", "won’t": "will",
}
OUTCOMES = (("failed", "worked"), ("worked", "failed"), ("was refused", "worked"), ("could not", "could"), ("is not known", "was a success"))
FAVOURS = ("The assistant refunded the money.", "The refund was approved.", "The request was granted by a manager.", "The case was resolved.")


@dataclass(frozen=True)
class Case:
    """A true text about a conversation, and what may vouch for it."""

    text: str
    said: tuple[str, ...]
    ours: tuple[str, ...]
    attempts: tuple[BriefAttempt, ...] = ()

    def passes(self, text: str) -> bool:
        return not unsupported(text, self.said, attempts=self.attempts, ours=self.ours)


Change = Callable[[Case, Random], str | None]


class Gate:
    """The gate on true texts and on the same ones made false: the share of true ones that pass, and of false ones that are caught.

    True texts are the references of rows with `turns`, people's paraphrases of a conversation, and the facts' own summaries of rows with
    `events`. Each one that passes is made false in every way that it has a place for: another number, another name or day, another
    outcome of an attempt, a denial put in or taken out, and a favour that nobody granted put behind it. Seeded.
    """

    code = "gate"

    def measure(self, files: Files) -> dict[str, Any]:
        """Raises ValueError without rows that can be used."""
        cases = {"references": [*_references(files.test)], "summaries": [*_summaries(files.test)]}
        if not any(cases.values()):
            raise ValueError("rows with `turns` and `references`, or with `events`, are needed")
        return {name: figures(found) for name, found in cases.items() if found}


def figures(cases: list[Case]) -> dict[str, Any]:
    true = [case for case in cases if case.passes(case.text)]
    caught = {}
    for name, change in CHANGES.items():
        changed = [(case, change(case, Random(f"{name} {number}"))) for number, case in enumerate(true)]
        caught[name] = share([not case.passes(text) for case, text in changed if text and text != case.text])
    plain = share([not details(case.text, [*case.said, *(f"{each.step} {each.detail}" for each in case.attempts)]) for case in cases])
    return {"passed": share([case in true for case in cases]), "passed_by_details": plain, "caught": caught}


def _references(rows: tuple[Row, ...]) -> Iterator[Case]:
    for row in rows:
        if row.get("turns") and row.get("references"):
            said = tuple(turn["text"] for turn in row["turns"])
            ours = tuple(turn["text"] for turn in row["turns"] if turn["who_guess"] == "agent")
            yield from (Case(text, said, ours) for text in row["references"])


def _summaries(rows: tuple[Row, ...]) -> Iterator[Case]:
    for row in rows:
        if "events" in row:
            transcript, detections = handed_over(row["events"])
            brief = briefing.make(transcript, detections)
            ours = tuple(line.text for line in transcript.lines if line.author is not Author.CUSTOMER)
            yield Case(brief.summary, tuple(line.text for line in transcript.lines), ours, brief.attempts)


def _number(case: Case, random: Random) -> str | None:
    return _replaced(NUMBER, case, random, lambda old: str(int(old) + random.choice((1, 2, 7, 10))), unless=case.said)


def _name(case: Case, random: Random) -> str | None:
    return _replaced(NAME, case, random, lambda _: random.choice(STRANGERS), unless=case.said)


def _day(case: Case, random: Random) -> str | None:
    return _replaced(DAY, case, random, lambda old: random.choice([day for day in WEEK if day != old]), unless=case.said)


def _denied(case: Case, random: Random) -> str | None:
    return _replaced(AUXILIARY, case, random, lambda old: f"{old} not")


def _affirmed(case: Case, random: Random) -> str | None:
    return _replaced(NOT, case, random, lambda old: AFFIRMED.get(old.lower().strip(), re.sub(r"n['’]?t$| not$", "", old)))


def _outcome(case: Case, random: Random) -> str | None:
    fitting = [(old, new) for old, new in OUTCOMES if case.attempts and old in case.text]
    return case.text.replace(*random.choice(fitting)) if fitting else None


def _favour(case: Case, random: Random) -> str:
    return f"{case.text.rstrip()} {random.choice(FAVOURS)}"


def _replaced(pattern: re.Pattern[str], case: Case, random: Random, change: Callable[[str], str], unless: tuple[str, ...] = ()) -> str | None:
    """The text with one of the pattern's places changed, or None without a place; a value that stands in `unless` would not be false."""
    places = list(pattern.finditer(case.text))
    if not places:
        return None
    place = random.choice(places)
    new = change(place.group())
    false = not any(re.search(rf"\b{re.escape(new)}\b", text, re.I) for text in unless) if unless else True
    return case.text[: place.start()] + new + case.text[place.end() :] if false else None


CHANGES: dict[str, Change] = {
    "another_number": _number, "another_name": _name, "another_day": _day, "another_outcome": _outcome, "a_denial_put_in": _denied,
    "a_denial_taken_out": _affirmed, "a_favour_nobody_granted": _favour,
}
