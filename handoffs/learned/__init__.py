"""Trained models as pure functions of text: no database, clock, settings or network."""
