"""What foretold waits are scored against."""

from handoffs.evaluation.queueing.scores import scores
from handoffs.evaluation.queueing.seer import Told
from handoffs.waiting.conformal import Spread


def foretold(mean: float, waited: float, high: float) -> Told:
    spread = Spread(mean, mean / 2, mean, high)
    return Told(spread, spread, last=waited + 80, last_alike=waited + 20, by_rate=0.0, since=0.0, first=0.0, promised=0.0, scored=True, followed=False,
                waited=waited)


def test_the_error_is_set_beside_the_last_one_of_the_same_need_and_of_the_same_priority() -> None:
    found = scores([foretold(100, 120, 150)])
    assert (found["ratio"], found["ratio_alike"]) == (0.25, 1.0)


def test_thirds_are_by_how_long_it_lasted_and_by_how_long_it_should() -> None:
    found = scores([foretold(100, 400, 150), foretold(200, 200, 300), foretold(300, 300, 450)])
    assert [[part["value"] for part in found[by]] for by in ("thirds", "thirds_foretold")] == [[1, 1, 0], [0, 1, 1]]
