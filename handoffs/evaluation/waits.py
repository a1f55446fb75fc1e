"""How well waits are foretold: simulated teams under both orders of the queue, or a firm's own log."""

from concurrent.futures import ProcessPoolExecutor
from itertools import product, repeat
from pathlib import Path
from typing import Any

import numpy as np

from handoffs.evaluation.files import Files
from handoffs.evaluation.queueing import log, picture, replay, run
from handoffs.evaluation.queueing.scores import best_constant, scores
from handoffs.evaluation.queueing.seer import Seer
from handoffs.waiting import patience

ALL = ("tiny", "small", "mid", "surge")


class Waits:
    """For each team and order: error against the last one's wait (LES), whether the 80 % range held, and promises that are looked at each minute.

    `--scenario` names teams (tiny, small, mid, surge, large, bank) or all, the first four; `--discipline` one order, or both.
    """

    code = "waits"
    simulates = True

    def measure(self, files: Files) -> dict[str, Any]:
        seers = _from_log(files.log, files.seed) if files.log else _simulated(files)
        if files.picture:
            picture.draw(files.picture, {" ".join(name): [each for each in seer.told if each.scored] for name, seer in seers.items()})
        if files.log:
            return {"log": files.log.name, "teams": [_of_log(team, seer) for (team,), seer in seers.items()]}
        return {"seed": files.seed, "settings": [_of_simulation(team, order, seer) for (team, order), seer in seers.items()]}


def _simulated(files: Files) -> dict[tuple[str, ...], Seer]:
    named = files.scenario.split() or ["all"]
    teams = [team for name in named for team in (ALL if name == "all" else (name,))]
    orders = [files.discipline] if files.discipline else list(run.ORDERS)
    if any(team not in run.SETTINGS for team in teams) or any(order not in run.ORDERS for order in orders):
        raise ValueError(f"--scenario must be all or some of {', '.join(run.SETTINGS)}; --discipline one of {', '.join(run.ORDERS)}")
    settings = list(product(teams, orders))
    if len(settings) == 1:
        return {setting: _play(*setting, files.seed) for setting in settings}
    with ProcessPoolExecutor() as pool:
        return dict(zip(settings, pool.map(_play, *zip(*settings, strict=True), repeat(files.seed)), strict=True))


def _play(team: str, order: str, seed: int) -> Seer:
    return run.play(run.SETTINGS[team], order, seed)


def _from_log(path: Path, seed: int) -> dict[tuple[str, ...], Seer]:
    return {(team,): replay.play(rows, seed) for team, rows in log.read(path).items() if rows.visits}


def _of_simulation(team: str, order: str, seer: Seer) -> dict[str, Any]:
    told = [each for each in seer.told if each.scored]
    return {"scenario": team, "discipline": order, "days": run.SETTINGS[team].scenario.days, **scores(told), **best_constant(told)}


def _of_log(team: str, seer: Seer) -> dict[str, Any]:
    """Of those served: each counts for those, too, who would have waited as long but left. `served_only` is what one sees without them."""
    told = seer.told
    served = {"team": team, "finished": seer.seen, "served_only": scores(told).get("within")}
    if not told or seer.known is None:
        return {**served, "customers": 0}
    weights = np.array([patience.weight(seer.known.habits.patience, each.waited) for each in told])
    return {**served, **scores(told, weights), **best_constant(told)}
