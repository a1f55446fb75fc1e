"""What a brief keeps of a conversation, whether all it says is true, and how much there is to read."""

import time
from collections.abc import Iterable
from statistics import median, quantiles
from typing import Any

from handoffs import briefing
from handoffs.briefing.attempts import foremost
from handoffs.evaluation import named_values, stands
from handoffs.evaluation.files import Files, Row
from handoffs.evaluation.star import handed_over
from handoffs.snapshots import Author, Brief, Detection, Line, Transcript

SHOWN_ATTEMPTS = 4
GOAL_WORDS, SUMMARY_WORDS = 12, 60
MOST_EXAMPLES = 20
ASKED = (Detection("explicit_request", "Asked for a person"),)
Made = tuple[Row, Transcript, Brief, float]


class Briefs:
    """The brief of each conversation at its handoff point: facts and attempts kept, faithfulness, words to read, time to make.

    Rows with `events` are STAR's: the point is the first `out_of_scope` reply, else the end. Rows with `turns` (`who_guess`, `text`) are
    handed over at their end and count for faithfulness, words and time. Shares come with their 95 % Wilson intervals.

    Facts kept: what `named_values` says the customer named, found in a fact or in what it was before, as written (signs and case aside).
    Attempts right: each data-base call before the point stands in the brief as a step with the outcome of its reply.
    Faithful: no number, name or date in a text of the brief that stands neither in the conversation nor in the attempts (`stands`).
    """

    code = "briefs"

    def measure(self, files: Files) -> dict[str, Any]:
        made = [_made(row) for row in files.test if "events" in row or "turns" in row]
        if not made:
            raise ValueError("rows with `events` or `turns` are needed")
        return {"briefs": len(made), **_kept(made), **_true(made), **_words([brief for _, _, brief, _ in made]), **_times([took for *_, took in made])}


def _made(row: Row) -> Made:
    transcript, detections = handed_over(row["events"]) if "events" in row else (_of_turns(row["turns"]), ASKED)
    start = time.process_time()
    brief = briefing.make(transcript, detections)
    return row, transcript, brief, (time.process_time() - start) * 1000


def _of_turns(turns: list[Row]) -> Transcript:
    authors = {"customer": Author.CUSTOMER, "agent": Author.ASSISTANT}
    lines = (Line(authors[turn["who_guess"]], turn["text"], number) for number, turn in enumerate(turns, 1))
    return Transcript(lines=tuple(lines))


def _kept(made: list[Made]) -> dict[str, Any]:
    """Facts and attempts, over the rows that have them."""
    named: dict[str, list[bool]] = {}
    lost: list[str] = []
    attempts = []
    for row, transcript, brief, _ in made:
        if "events" not in row:
            continue
        for value in named_values.of(row):
            held = named_values.held(value, brief.facts)
            named.setdefault(value.kind, []).append(held)
            lost += [] if held else [f"{row['id']}: {value.kind} {value.text!r}"]
        had = {(attempt.step, attempt.outcome) for attempt in brief.attempts}
        proposed = transcript.proposal.attempts if transcript.proposal else ()
        attempts += [(tried.step, tried.outcome) in had for tried in (*transcript.tried, *proposed)]
    if not named:
        return {}
    shares = {f"facts_kept_{kind}": share(held) for kind, held in sorted(named.items())}
    return {"facts_kept": share([held for kept in named.values() for held in kept]), **shares, "attempts_right": share(attempts), "lost": lost[:MOST_EXAMPLES]}


def _true(made: list[Made]) -> dict[str, Any]:
    strange = [(row, text) for row, transcript, brief, _ in made for text in stands.strange(brief, transcript)]
    gated = [(row, text) for row, transcript, brief, _ in made for text in stands.ungated(brief, transcript)]
    examples = {name: [f"{row.get('id', '')}: {text}" for row, text in found[:MOST_EXAMPLES]] for name, found in (("strangers", strange), ("ungated", gated))}
    return {"unfaithful": len(strange), "unfaithful_by_the_gate": len(gated), **examples}


def _words(briefs: list[Brief]) -> dict[str, Any]:
    above = [_above_the_fold(brief) for brief in briefs]
    goals, summaries = [len(brief.goal.split()) for brief in briefs], [len(brief.summary.split()) for brief in briefs]
    return {
        "words_above_the_fold": median(above), "goal_short": share(words <= GOAL_WORDS for words in goals),
        "summary_short": share(words <= SUMMARY_WORDS for words in summaries), "summary_words": median(summaries),
    }


def _above_the_fold(brief: Brief) -> int:
    """Words of what the card shows: how to open, goal, summary, and the attempts that are not folded."""
    shown = " ".join(attempt.step for attempt in foremost(brief.attempts, SHOWN_ATTEMPTS))
    return len(" ".join((brief.feeling.how_to_open, brief.goal, brief.summary, shown)).split())


def _times(times: list[float]) -> dict[str, Any]:
    return {"ms_median": median(times), "ms_p99": quantiles(times, n=100)[98] if len(times) > 1 else times[0]}


def share(held: Iterable[bool]) -> dict[str, float]:
    """A share with its 95 % interval (Wilson 1927)."""
    each = list(held)
    count, good, z = max(1, len(each)), sum(each), 1.96
    middle = (good + z * z / 2) / (count + z * z)
    half = z * (good * (count - good) / count + z * z / 4) ** 0.5 / (count + z * z)
    return {"share": good / count, "low": middle - half, "high": middle + half, "of": len(each)}
