"""How near the brief's summary is to what people wrote, how long it is, and whether each sentence can be traced."""

import re
from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import Any

from handoffs import briefing
from handoffs.briefing.needs import LONGEST
from handoffs.evaluation.files import Files, Row
from handoffs.evaluation.rouge import Rouge, mean, rouge
from handoffs.evaluation.star import handed_over
from handoffs.snapshots import Author, Brief, Detection, Line, Transcript

MOST_WORDS = 60
HANDED_OVER = (Detection("handed_over", "Handed over"),)
# The name of the account a turn is addressed to stands in front of it, its sign lost.
ACCOUNT = re.compile(r"[A-Z][a-z]+[A-Z]\w*")
FEWEST_LETTERS = 4


class Summaries:
    """The brief's summary of each conversation, without a language model.

    Rows with `turns` (`who_guess`, `text`) and `references`: ROUGE-1, -2 and -L (F1, small letters, words of letters and digits, no
    stemming), the mean over the references of a row and then over the rows. The other side of these conversations were agents, and the
    brief says so (`rouge`); `rouge_as_assistant` takes them for an assistant. Beside them, in the same run: a reference against the
    others, a fixed template, and the first words of the customer with the last of the agent. Rows with `events` are STAR's, handed over
    at the first `out_of_scope` reply, else at the end: no references, but words and traces count for all rows.
    """

    code = "summaries"

    def measure(self, files: Files) -> dict[str, Any]:
        """Raises ValueError without rows that can be used."""
        told = [row for row in files.test if row.get("turns") and row.get("references")]
        played = [row for row in files.test if "events" in row]
        if not told and not played:
            raise ValueError("rows with `turns` and `references`, or with `events`, are needed")
        briefs = [briefing.make(conversation(row, Author.AGENT), HANDED_OVER) for row in told]
        briefs += [briefing.make(*handed_over(row["events"])) for row in played]
        return {"summaries": len(briefs), **(_nearness(told, briefs) if told else {}), **_readable(briefs)}


def conversation(row: Row, other_side: Author) -> Transcript:
    """The turns as they are, without the account's name in front of them."""
    names = _accounts(row["turns"])
    authors = {"customer": Author.CUSTOMER, "agent": other_side}
    return Transcript(lines=tuple(Line(authors[turn["who_guess"]], _unaddressed(turn["text"], names), at) for at, turn in enumerate(row["turns"], 1)))


def _accounts(turns: list[Row]) -> frozenset[str]:
    first = Counter(turn["text"].split(" ", 1)[0].lower() for turn in turns if turn["who_guess"] == "customer" and " " in turn["text"])
    return frozenset(word for word, times in first.items() if times > 1 and len(word) >= FEWEST_LETTERS)


def _unaddressed(text: str, names: frozenset[str]) -> str:
    first, _, rest = text.partition(" ")
    return rest if rest and (first.lower() in names or ACCOUNT.fullmatch(first)) else text


def _nearness(rows: list[Row], briefs: list[Brief]) -> dict[str, Any]:
    several = [row for row in rows if len(row["references"]) > 1]
    as_assistant = (briefing.make(conversation(row, Author.ASSISTANT), HANDED_OVER).summary for row in rows)
    figures = {
        "rouge": _over(rows, [brief.summary for brief in briefs]),
        "rouge_as_assistant": _over(rows, list(as_assistant)),
        "rouge_fixed_template": _over(rows, _each(rows, "Customer is complaining that {}. Agent updated that {}.".format)),
        "rouge_first_and_last": _over(rows, _each(rows, "{} {}".format)),
    }
    return figures | ({"rouge_one_human": _percent(mean([_one_human(row["references"]) for row in several]))} if several else {})


def _over(rows: list[Row], texts: list[str]) -> dict[str, float]:
    return _percent(mean([rouge(text, row["references"]) for row, text in zip(rows, texts, strict=True)]))


def _each(rows: list[Row], say: Callable[[str, str], str]) -> list[str]:
    """What is said of the customer's first words and the agent's last, in each row."""
    return [say(_words_of(row, "customer", 0), _words_of(row, "agent", -1)) for row in rows]


def _words_of(row: Row, who: str, at: int) -> str:
    said = [str(turn["text"]) for turn in row["turns"] if turn["who_guess"] == who]
    return said[at] if said else ""


def _one_human(references: list[str]) -> Rouge:
    """Each reference against the others of its row."""
    return mean([rouge(text, [*references[:at], *references[at + 1 :]]) for at, text in enumerate(references)])


def _percent(found: Rouge) -> dict[str, float]:
    return {"1": round(100 * found.one, 1), "2": round(100 * found.two, 1), "L": round(100 * found.longest, 1)}


def _readable(briefs: list[Brief]) -> dict[str, Any]:
    lengths = [len(brief.summary.split()) for brief in briefs]
    sentences = [sentence for brief in briefs for sentence in brief.sentences]
    return {
        "words_median": median(lengths), "words_most": max(lengths), "within_60_words": _share([count <= MOST_WORDS for count in lengths]),
        "sentences_most": max(len(brief.sentences) for brief in briefs), "traceable_sentences": _share([bool(sentence.turns) for sentence in sentences]),
        "goal_within_12_words": _share([len(brief.goal.split()) <= LONGEST for brief in briefs]),
        "goal_found": _share([bool(brief.goal_turns) for brief in briefs]),
    }


def _share(held: list[bool]) -> float:
    return sum(held) / len(held)
