"""Statements that are put together once and run many times: for a row found by its key, Django's composing costs more than the answer.

    _by_code = Prepared(lambda: Team.objects.filter(code=Given("code", CharField())))
    team = _by_code.one(code="billing")
    turns, (team,) = together(_newest.asked(conversation=key), _by_code.asked(code="billing"))

They differ from Django's own in nothing but what they cost: one transaction, the same rows, no signals of models. What they take from Django's inside is
held by tests/handoffs/test_prepared.py, which an upgrade has to pass.
"""

from handoffs.prepared.reading import Prepared
from handoffs.prepared.statements import Given
from handoffs.prepared.trips import Asked, last, together
from handoffs.prepared.writing import Insert, Update

__all__ = ["Asked", "Given", "Insert", "Prepared", "Update", "last", "together"]
