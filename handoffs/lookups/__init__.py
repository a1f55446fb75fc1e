"""Customers' records from the sources: wanted at a handoff as due rows, asked for afterwards, put into the brief; whatever fails is shown, never waited for."""

from handoffs.lookups.asking import work
from handoffs.lookups.due import again, asked, of, so_far, want
from handoffs.lookups.known import Piece, filled, pieces
from handoffs.lookups.troubles import problems

__all__ = ["Piece", "again", "asked", "filled", "of", "pieces", "problems", "so_far", "want", "work"]
