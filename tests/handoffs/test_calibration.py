"""What a confidence is worth: maps that rise, errors that are measured, limits that keep what was accepted."""

import numpy as np
import pytest

from handoffs.evaluation import calibration as measure
from handoffs.evaluation.calibration import Calibration
from handoffs.evaluation.files import Files
from handoffs.learned import calibration, limits
from handoffs.learned.calibration import Map


def judged(count: int, seed: int = 0, worth: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Confidences of an assistant too sure of itself: of those at c only c ** worth are right."""
    rng = np.random.default_rng(seed)
    stated = rng.random(count)
    return stated, rng.random(count) < stated**worth


def test_a_map_rises_and_comes_near_the_share_that_is_right() -> None:
    learned = calibration.fit(*judged(5000))
    assert np.all(np.diff(learned.observed) >= 0)
    assert [learned.of(c) for c in (0.2, 0.5, 0.8)] == pytest.approx([0.04, 0.25, 0.64], abs=0.04)


def test_after_500_judged_answers_the_shown_confidence_is_true_to_0_035() -> None:
    learned, (stated, right) = calibration.fit(*judged(500)), judged(50_000, seed=1)
    assert calibration.ece(stated, right) > 0.15
    assert calibration.ece(learned.over(stated), right) <= 0.035


def test_a_map_is_kept_as_plain_values() -> None:
    learned = calibration.fit(*judged(50))
    assert Map.read(learned.body()) == learned


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"stated": [0, 1], "observed": [1, 0], "judged": 2}', b'{"stated": [], "observed": [], "judged": 0}'])
def test_bytes_that_are_no_map_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a map|Expecting"):
        Map.read(body)


def test_answers_all_right_leave_a_doubt() -> None:
    assert calibration.fit([0.9, 0.8], [True, True]).of(0.5) == 0.75


def test_a_confidence_that_means_the_opposite_is_worth_the_same_everywhere() -> None:
    stated, right = judged(500)
    learned = calibration.fit(1 - stated, right)
    assert learned.of(1.0) - learned.of(0.0) < 0.05


def test_the_error_of_a_confidence_is_the_mean_gap_of_its_bins() -> None:
    assert calibration.ece([0.95, 0.95, 0.15, 0.15], [True, False, False, False]) == pytest.approx((0.45 * 2 + 0.15 * 2) / 4)


def test_bins_count_what_was_right() -> None:
    found = calibration.reliability([0.95, 1.0, 0.05], [True, False, False])
    assert [(b.count, b.right) for b in found] == [(1, 0), *[(0, 0)] * 8, (2, 1)]
    assert (found[9].share, found[5].share) == (0.5, None)


def test_wilson_is_the_published_interval() -> None:
    assert calibration.wilson(10, 50) == pytest.approx((0.1124, 0.3304), abs=1e-4)
    assert calibration.wilson(0, 0) == (0.0, 1.0)


def test_a_limit_keeps_the_accepted_share_in_19_of_20_replays() -> None:
    broken = 0
    for seed in range(200):
        found = limits.limit_for(0.2, *judged(300, seed))
        # Of those above the limit t, the share right is the mean of c ** 2 over [t, 1].
        broken += found is not None and 1 - (1 - found.limit**3) / (3 * (1 - found.limit)) > 0.2
    assert broken <= 10


def test_the_share_said_to_be_wrong_at_most_is_kept_in_19_of_20_limits_that_were_found() -> None:
    """A limit is chosen by looking at the verdicts, and the bound must allow for that."""
    every = [found for seed in range(300) if (found := limits.limit_for(0.2, *judged(200, seed)))]
    broken = [found for found in every if 1 - (1 - found.limit**3) / (3 * (1 - found.limit)) > found.at_most]
    assert len(broken) <= 0.05 * len(every)


def test_a_limit_uses_what_was_judged() -> None:
    found = limits.limit_for(0.2, *judged(5000))
    assert found is not None
    assert 0.75 <= found.limit <= 0.9  # at 0.72 exactly a fifth is wrong
    assert found.wrong / found.judged < found.at_most <= 0.2


def test_too_few_judged_answers_find_no_limit() -> None:
    few = limits.needed(0.05) - 1
    assert limits.limit_for(0.05, [0.99] * few, [True] * few) is None
    assert limits.limit_for(0.05, [0.99] * (few + 1), [True] * (few + 1)) is not None
    assert limits.limit_for(0.05, [], []) is None


def test_the_bound_is_clopper_and_pearson_s() -> None:
    assert limits.at_most(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59))
    assert limits.at_most(3, 3) == 1.0


def test_answering_less_is_right_more_often() -> None:
    points = limits.trade_off(*judged(5000))
    assert (points[0].limit, points[0].answered, len(points)) == (0.0, 1.0, 21)
    assert points[18].right > points[10].right > points[0].right


def test_an_unchanged_mix_stays_and_a_changed_one_is_noticed() -> None:
    stated, right = judged(500)
    same, other = judged(500, seed=1)[0], np.random.default_rng(2).random(500) ** 3
    assert limits.mix(stated, right, same).moved is False
    moved = limits.mix(stated, right, other)
    assert (moved.moved, moved.odds > 2, moved.psi > 0.25) == (True, True, True)
    assert limits.mix(stated, right, []).moved is False


def test_where_wrong_is_twice_as_likely_half_the_odds_are_accepted() -> None:
    assert limits.tightened(0.2, 2) == pytest.approx(1 / 9)
    assert limits.tightened(0.2, 1) == pytest.approx(0.2)


def test_the_measure_trains_a_bot_each_and_repeats_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure, "REPLAYS", 5)
    monkeypatch.setattr(measure, "ROUNDS", 1)
    words = {"refund": ("money back", "refund please", "return my money"), "parcel": ("where is it", "parcel is late", "track my parcel")}
    rows = tuple({"bot": "b", "text": text, "intent": intent} for intent, texts in words.items() for text in texts)
    tests = tuple({"bot": "b", "text": f"{row['text']} {n}", "intent": row["intent"] if n % 3 else "none"} for n in range(20) for row in rows)
    first = Calibration().measure(Files(train=rows, test=tests))
    assert first == Calibration().measure(Files(train=rows, test=tests))
    assert (first["messages"], first["ece_after"] < first["ece_before"]) == (120, True)
    with pytest.raises(ValueError, match="same bots"):
        Calibration().measure(Files(train=rows))
