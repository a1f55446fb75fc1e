"""When a person should take over: each turn of a dialogue, judged from what was said up to it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import KFold

from handoffs.evaluation.files import Files, Row

SEED = 7
FOLDS = 5
HISTORY = 6  # earlier turns of the same side
UNSURE = -4.0  # the log odds of a turn that was never said
TOLERANCES = (1, 2, 3)
Table = NDArray[np.float64]


class HandoffTiming:
    """F1 of the turns at which a person should take over, and Golden Transfer within 1, 2, 3 turns (Liu et al. 2021; lambda 0).

    Turns are numbers for words (`tokens`) and a `role`; the annotated `senti` and whatever comes later are not looked at.
    """

    code = "handoff_timing"

    def measure(self, files: Files) -> dict[str, Any]:
        known = [row["turns"] for row in (*files.train, *files.dev) if "turns" in row]
        asked = [row["turns"] for row in files.test if "turns" in row]
        if len(known) < FOLDS or not asked:
            raise ValueError(f"rows with `turns` are needed: {FOLDS} or more to train on, and some to measure on")
        likely, limit = _held_out(known)
        said = [chances >= limit for chances in TwoSteps().fit(known, likely).chances(asked)]
        truth = [np.array([bool(turn["handoff"]) for turn in turns]) for turns in asked]
        figures = {f"gt{reach}": _mean_transfer(truth, said, reach) for reach in TOLERANCES}
        return {"f1": float(f1_score(np.concatenate(truth), np.concatenate(said))), **figures, "limit": limit, "measured_on": len(asked)}


class Words:
    """The first step: a linear model of the turn's words, the other side's last, and the same side's recent ones."""

    def fit(self, dialogues: Sequence[list[Row]]) -> "Words":
        views, numbers = _views(dialogues), _numbers(dialogues)
        self.readers = [TfidfVectorizer(analyzer=_grams, min_df=2, sublinear_tf=True).fit(view) for view in views]
        self.mean, self.spread = numbers.mean(axis=0), numbers.std(axis=0) + 1e-9
        self.learner = LogisticRegression(C=1.5, max_iter=500).fit(self._table(views, numbers), _truth(dialogues))
        return self

    def odds(self, dialogues: Sequence[list[Row]]) -> list[Table]:
        """Log odds of a handoff, one array a dialogue."""
        odds = self.learner.decision_function(self._table(_views(dialogues), _numbers(dialogues)))
        return _split(odds, dialogues)

    def _table(self, views: list[list[str]], numbers: Table) -> sparse.csr_matrix:
        words = [reader.transform(view) for reader, view in zip(self.readers, views, strict=True)]
        return sparse.hstack([*words, sparse.csr_matrix(0.3 * (numbers - self.mean) / self.spread)]).tocsr()


class TwoSteps:
    """Trees over the first step's odds of this turn and the customer's earlier ones: who has lost patience seldom finds it again."""

    def fit(self, dialogues: Sequence[list[Row]], odds: Sequence[Table]) -> "TwoSteps":
        """`odds` are the first step's, from dialogues it did not learn from."""
        table, truth = _carried(dialogues, odds), _truth(dialogues)
        self.words = Words().fit(dialogues)
        self.learners = [
            ExtraTreesClassifier(300, min_samples_leaf=8, max_features=0.5, random_state=SEED).fit(table, truth),
            HistGradientBoostingClassifier(max_iter=120, learning_rate=0.05, max_leaf_nodes=12, l2_regularization=1.0, random_state=SEED).fit(table, truth),
        ]
        return self

    def chances(self, dialogues: Sequence[list[Row]]) -> list[Table]:
        """How likely a handoff is at each turn, one array a dialogue."""
        table = _carried(dialogues, self.words.odds(dialogues))
        return _split(np.mean([learner.predict_proba(table)[:, 1] for learner in self.learners], axis=0), dialogues)


def _held_out(dialogues: list[list[Row]]) -> tuple[list[Table], float]:
    """The first step's odds for each dialogue, and the limit that is best in sum of F1 and GT-II, both by models that did not see the dialogue."""
    odds = _cross(dialogues, lambda known, new: Words().fit(known).odds(new))
    at = {id(turns): place for place, turns in enumerate(dialogues)}
    chances = _cross(dialogues, lambda known, new: TwoSteps().fit(known, [odds[at[id(turns)]] for turns in known]).chances(new))
    truth = [np.array([bool(turn["handoff"]) for turn in turns]) for turns in dialogues]

    def worth(limit: float) -> float:
        said = [likely >= limit for likely in chances]
        return float(f1_score(np.concatenate(truth), np.concatenate(said), zero_division=0)) + _mean_transfer(truth, said, 2)

    return odds, float(max(np.arange(0.1, 0.7, 0.02), key=worth))


def _cross(dialogues: list[list[Row]], judged: Any) -> list[Table]:
    found: list[Table] = [np.zeros(0)] * len(dialogues)
    for known, new in KFold(FOLDS, shuffle=True, random_state=SEED).split(dialogues):
        for place, values in zip(new, judged([dialogues[at] for at in known], [dialogues[at] for at in new]), strict=True):
            found[place] = values
    return found


def _mean_transfer(truth: list[NDArray[np.bool_]], said: list[NDArray[np.bool_]], reach: int) -> float:
    return float(np.mean([golden_transfer(gold, given, reach) for gold, given in zip(truth, said, strict=True)]))


def golden_transfer(gold: NDArray[np.bool_], said: NDArray[np.bool_], reach: int) -> float:
    """GT-T of one dialogue: each turn said earns by its distance to the nearest gold one; 1 when neither side has any, 0 when only one has."""
    wanted, given = np.flatnonzero(gold), np.flatnonzero(said)
    if not len(wanted) or not len(given):
        return float(len(wanted) == len(given))
    distance = np.abs(given[:, None] - wanted[None, :]).min(axis=1)
    return float(np.exp(-(distance**2) / (2 * reach**2)).mean())


def _truth(dialogues: Sequence[list[Row]]) -> NDArray[np.int_]:
    return np.array([turn["handoff"] for turns in dialogues for turn in turns])


def _split(values: Table, dialogues: Sequence[list[Row]]) -> list[Table]:
    ends = np.cumsum([0, *(len(turns) for turns in dialogues)])
    return [values[start:end] for start, end in pairwise(ends)]


def _views(dialogues: Sequence[list[Row]]) -> list[list[str]]:
    """Three texts a turn, as lists over all turns: its own words marked by role, the other side's last turn, the same side's recent ones."""
    views: list[list[str]] = [[], [], []]
    for turns in dialogues:
        for at, turn in enumerate(turns):
            same, other = _sides(turns, at)
            role = turn["role"][0]
            views[0].append(" ".join([role, *(f"{role}{token}" for token in turn["tokens"])]))
            views[1].append(_text(other[-1]) if other else "")
            views[2].append(" ".join(map(_text, same[-HISTORY:])))
    return views


def _sides(turns: list[Row], at: int) -> tuple[list[Row], list[Row]]:
    """The earlier turns of the same side and of the other."""
    role = turns[at]["role"]
    return [turn for turn in turns[:at] if turn["role"] == role], [turn for turn in turns[:at] if turn["role"] != role]


def _grams(text: str) -> list[str]:
    """The tokens and the pairs of neighbours."""
    tokens = text.split()
    return [*tokens, *map(" ".join, pairwise(tokens))]


def _text(turn: Row) -> str:
    return " ".join(map(str, turn["tokens"]))


def _numbers(dialogues: Sequence[list[Row]]) -> Table:
    return np.array([_situation(turns, at) for turns in dialogues for at in range(len(turns))], float)


def _situation(turns: list[Row], at: int) -> list[float]:
    """Who, how far in, how long, and how much is repeated, by either side."""
    turn, (same, other) = turns[at], _sides(turns, at)
    said = set(turn["tokens"])
    again = [_shared(turn, earlier) for earlier in same]
    answered_again = [_shared(other[-1], earlier) for earlier in other[:-1]]
    return [
        turn["role"] == "customer", np.log1p(at), np.log1p(len(turn["tokens"])), len(said) / max(1, len(turn["tokens"])), at == 0,
        max(again, default=0), max(again[-3:], default=0), sum(share > 0.5 for share in again), _run(turns, at), np.log1p(len(same)), np.log1p(len(other)),
        max(answered_again, default=0), sum(share > 0.5 for share in answered_again),
        len(other[-1]["tokens"]) if other else 0, _shared(turn, other[-1]) if other else 0, len(turns[at - 1]["tokens"]) if at else 0,
    ]


def _run(turns: list[Row], at: int) -> int:
    """How many turns the same side said just before."""
    roles = [turn["role"] for turn in turns[: at + 1]]
    return next((back for back, role in enumerate(reversed(roles[:-1])) if role != roles[-1]), at)


def _shared(one: Row, other: Row) -> float:
    first, second = set(one["tokens"]), set(other["tokens"])
    return len(first & second) / max(1, len(first | second))


def _carried(dialogues: Sequence[list[Row]], odds: Sequence[Table]) -> Table:
    """Per turn: its odds, the customer's earlier ones (last three, peak, mean, recent mean, sum of chances), and the numbers."""
    rows = [_past(turns, values, at) for turns, values in zip(dialogues, odds, strict=True) for at in range(len(turns))]
    return np.hstack([np.array(rows), _numbers(dialogues)])


def _past(turns: list[Row], odds: Table, at: int) -> list[float]:
    theirs = [odds[earlier] for earlier in range(at) if turns[earlier]["role"] == "customer"]
    newest = [*reversed(theirs[-3:]), UNSURE, UNSURE, UNSURE][:3]
    means = [float(np.mean(part)) if part else UNSURE for part in (theirs, theirs[-5:])]
    so_far = float((1 / (1 + np.exp(-odds[:at]))).sum())
    return [odds[at], *newest, max(theirs, default=UNSURE), *means, so_far, odds[at - 1] if at else UNSURE]
