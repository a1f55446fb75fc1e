"""Figures that need the store: the real duties on a database of their own, by a clock that passes over what is idle."""
