"""How well customers' words find their intent, and how well words that have none are told apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import matthews_corrcoef

from handoffs.evaluation.files import Files, Row
from handoffs.learned import calibration
from handoffs.learned.doubt import OUT
from handoffs.learned.intents import IntentModel

SEED = 1
OUTSIDE = frozenset({"oos", "out_of_scope", "outofdomain", "NO_NODES_DETECTED", ""})
COST = 0.01  # of the right answers, what telling strangers apart may cost
Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Guessed:
    """Guesses and their confidences beside the truth: (texts,) each."""

    truth: NDArray[np.str_]
    guess: NDArray[np.str_]
    sure: Shares

    def said(self, limit: float) -> NDArray[np.str_]:
        """The guesses, OUT for those below the limit."""
        return np.where(self.sure >= limit, self.guess, OUT)


class Intents:
    """Trains on --train, --dev and --oos-train; --dev chooses the limit below which the answer is "don't know".

    Rows with a `bot` are live traffic: each bot has a model of its own, and its limit makes the MCC on its own held-out --dev rows largest.
    Elsewhere the limit is the highest that costs one in a hundred of the right answers. `accuracy` is of the best guess for words in scope,
    `in_scope_accuracy` counts "don't know" as wrong.
    """

    code = "intents"

    def measure(self, files: Files) -> dict[str, Any]:
        bots = sorted({row["bot"] for row in files.test if "bot" in row})
        if not bots:
            return _figures(*_guesses(files, traffic=False))
        found = {bot: _figures(*_guesses(_of(files, bot), traffic=True)) for bot in bots}
        alone = {bot: _figures(*_guesses(_of(files, bot), traffic=True, learn_dev=False)) for bot in bots}
        shared = [name for name in found[bots[0]] if all(name in figures for figures in found.values())]
        means = {name: float(np.mean([figures[name] for figures in found.values()])) for name in shared}
        return {**means, "mcc_dev_only_for_limit": float(np.mean([figures["mcc"] for figures in alone.values()])),
                **{f"{name}_{bot}": found[bot][name] for bot in bots for name in shared if name != "rows"}}


def _guesses(files: Files, *, traffic: bool, learn_dev: bool = True) -> tuple[Guessed, float]:
    """What a model trained on the files says about their test rows, and its limit."""
    learned = (*files.train, *files.oos_train, *(files.dev if learn_dev else ()))
    model = IntentModel.fit([_text(row) for row in learned], [_intent(row) for row in learned], seed=SEED)
    seen, asked = _unseen(model, files.dev, learn_dev), _asked(model, (*files.test, *files.oos_test))
    worth = calibration.fit(seen.sure, seen.guess == seen.truth)
    seen, asked = (replace(each, sure=worth.over(each.sure)) for each in (seen, asked))
    return asked, _limit(seen, traffic)


def _unseen(model: IntentModel, dev: Sequence[Row], learned: bool) -> Guessed:
    """Guesses about the dev rows, or the training rows where there are none, by models that had not seen them."""
    if dev and not learned:
        return _asked(model, dev)
    texts, tried = {_text(row) for row in dev}, model.tried
    at = np.array([not dev or text in texts for text in tried.texts])
    return Guessed(tried.truth[at], tried.guess[at], tried.sure[at])


def _asked(model: IntentModel, rows: Sequence[Row]) -> Guessed:
    if not rows:
        raise ValueError("there are no rows to measure on")
    guess, sure = model.guesses([_text(row) for row in rows])
    return Guessed(np.array([_intent(row) for row in rows]), guess, sure)


def _limit(seen: Guessed, traffic: bool) -> float:
    """The limit with the largest MCC for live traffic; otherwise the highest that costs COST of the right answers."""
    if traffic:
        limits = np.unique(np.quantile(seen.sure, np.linspace(0, 1, 101)))
        return float(max(limits, key=lambda limit: matthews_corrcoef(seen.truth, seen.said(limit))))
    right = seen.sure[seen.guess == seen.truth]
    return float(np.quantile(right, COST * (seen.truth != OUT).sum() / max(1, len(right)))) if len(right) else 0.0


def _figures(seen: Guessed, limit: float) -> dict[str, Any]:
    said, inside, right = seen.said(limit), seen.truth != OUT, seen.guess == seen.truth
    figures: dict[str, Any] = {"rows": len(seen.truth), "limit": limit, "ece": calibration.ece(seen.sure, right)}
    figures["mcc"] = float(matthews_corrcoef(seen.truth, said))
    if inside.any():
        figures |= {"accuracy": float(right[inside].mean()), "in_scope_accuracy": float((said == seen.truth)[inside].mean())}
    if not inside.all():
        figures |= {"oos_recall": float((said == OUT)[~inside].mean())}
    return figures


def _of(files: Files, bot: str) -> Files:
    """The rows of one bot."""
    return Files(*(tuple(row for row in rows if row.get("bot", bot) == bot) for rows in (files.train, files.dev, files.test, files.oos_train, files.oos_test)))


def _text(row: Row) -> str:
    return str(row["text"] if "text" in row else row["utterance"])


def _intent(row: Row) -> str:
    """The row's intent, the first of several; OUT for the names data sets have for none."""
    name = row["intent"] if "intent" in row else next(iter(row["intents"]), OUT)
    return OUT if name in OUTSIDE else str(name)
