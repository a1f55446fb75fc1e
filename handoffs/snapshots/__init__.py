"""Frozen values for the pure parts: what was said, what was found, what a person must know."""

from handoffs.snapshots.brief import Brief, BriefAttempt, Earlier, Fact, Feeling, Record, Sentence, Source, Trend, Value, Was
from handoffs.snapshots.found import Action, Detection, Judgement, Question
from handoffs.snapshots.route import Route, TeamView
from handoffs.snapshots.said import LONGEST_TEXT, Author, Line, Meanwhile, Mood, Outcome, Part, Proposal, Transcript, Tried

__all__ = [
    "LONGEST_TEXT",
    "Action",
    "Author",
    "Brief",
    "BriefAttempt",
    "Detection",
    "Earlier",
    "Fact",
    "Feeling",
    "Judgement",
    "Line",
    "Meanwhile",
    "Mood",
    "Outcome",
    "Part",
    "Proposal",
    "Question",
    "Record",
    "Route",
    "Sentence",
    "Source",
    "TeamView",
    "Transcript",
    "Trend",
    "Tried",
    "Value",
    "Was",
]
