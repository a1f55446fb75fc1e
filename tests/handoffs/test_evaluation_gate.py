"""The measure of the gate: true texts that pass, and the same ones made false that are caught."""

import pytest

from handoffs.evaluation.files import Files
from handoffs.evaluation.gate import Gate

TOLD = {"turns": [{"who_guess": "customer", "text": "My 3 lamps from Acme don't work since Monday"}, {"who_guess": "agent", "text": "I am sorry to hear that"}],
        "references": ["The 3 lamps from Acme do not work since Monday.", "The 5 lamps glow."]}


def test_true_texts_pass_and_false_ones_are_caught() -> None:
    figures = Gate().measure(Files(test=(TOLD,)))["references"]
    assert (figures["passed"]["share"], figures["passed_by_details"]["share"]) == (0.5, 0.5)
    kinds = ("another_number", "another_name", "another_day", "a_denial_taken_out", "a_favour_nobody_granted")
    assert {kind: (figures["caught"][kind]["share"], figures["caught"][kind]["of"]) for kind in kinds} == dict.fromkeys(kinds, (1.0, 1))


def test_rows_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="are needed"):
        Gate().measure(Files(test=({"text": "hello"},)))
