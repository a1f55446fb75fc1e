"""The policy page's charts: bars lie in the zone of their middle, moved limits are dashed, and words say what is drawn."""

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from console.policy import charts
from console.policy.worth import interpolated
from handoffs.learned.limits import Point
from handoffs.policy import Limits

STANDARD = Limits.model_validate({})
SURER = Limits.model_validate({"answer_at": 0.95, "clarify_at": 0.75})
EDGES = (0.0, 0.25, 0.5, 0.75, 0.8, 0.9, 1.0)


def test_each_bar_has_the_colour_of_what_happens_to_its_answers() -> None:
    drawn = charts.band(EDGES, (1, 0, 2, 3, 4, 8), STANDARD, STANDARD)
    assert [bar["zone"] for bar in drawn["bars"]] == ["hand", "hand", "ask", "ans", "ans"]
    assert [bar["height"] for bar in drawn["bars"]] == [12.5, 25, 37.5, 50, 100]


def test_only_limits_that_move_are_dashed() -> None:
    assert charts.band(EDGES, (), STANDARD, STANDARD)["was"] == []
    assert charts.band(EDGES, (), SURER, STANDARD)["was"] == [85]


def test_what_a_limit_costs_is_read_at_the_limit_in_use() -> None:
    points = [Point(0.0, 1.0, 0.8), Point(0.85, 0.6, 0.9), Point(0.99, 0.2, 1.0), Point(1.0, 0.0, None)]
    drawn = charts.trade_off(points, STANDARD)
    assert drawn is not None
    assert (drawn["limit"], drawn["handed"], drawn["right"], len(drawn["rows"])) == (0.85, 0.4, 0.9, 3)
    assert charts.trade_off([], STANDARD) is None


@pytest.mark.parametrize(("live", "draft", "words"), [(0.34, 0.22, "12 points fewer"), (0.2, 0.21, "1 point more"), (0.3, 0.301, "the same")])
def test_a_dumbbell_says_how_far_it_is(live: float, draft: float, words: str) -> None:
    assert charts.dumbbell("Delivery", live, draft)["words"] == words


@pytest.mark.parametrize(("stated", "observed"), [(0.1, 0.2), (0.5, 0.2), (0.75, 0.5), (1.0, 0.8)])
def test_a_learned_map_is_read_on_straight_lines(stated: float, observed: float) -> None:
    assert interpolated(((0.5, 0.2), (1.0, 0.8)), stated) == pytest.approx(observed)


def test_every_zone_has_a_colour() -> None:
    rules = (settings.BASE_DIR / "static" / "ui.css").read_text()
    assert all(f".z-{charts.zone(confidence, STANDARD)} {{ fill:" in rules for confidence in (0.0, 0.8, 1.0))


def test_the_band_says_its_limits_to_the_last_digit() -> None:
    limits = Limits(answer_at=0.855, clarify_at=0.7)
    words = render_to_string("console/_partials/policy_band.html", {"band": {"limits": limits}})
    assert "0.855 and up: answer" in words
    assert "Under 0.70: a person" in words
