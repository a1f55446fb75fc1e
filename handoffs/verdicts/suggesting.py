"""The limit for the share of wrong answers a team accepts, and what it rests on."""

from dataclasses import dataclass

from handoffs.learned import limits
from handoffs.snapshots import Action
from handoffs.verdicts.rows import even, judged, proposals, stated

# Today's mix of messages is that of the last week.
TODAY = 7


@dataclass(frozen=True)
class Suggestion:
    """Answer from `limit` on (None: no limit keeps the accepted share). Of the `judged` answers from there up `wrong` were wrong; with 95 %
    confidence at most `at_most` are, and the share `answered` of all lies there. `moved`: today's messages differ from the judged ones,
    and the limit is stricter for it. `words` says it."""

    limit: float | None
    judged: int
    answered: float | None
    wrong: int
    at_most: float | None
    moved: bool
    words: str
    enough: bool = True  # whether as many answers were judged as it takes to find a limit at all


def suggest(intent: str, accepted_wrong: float) -> Suggestion:
    """For an intent, or all together when empty; `accepted_wrong` is a share above 0 and below 1. By learn-then-test on judged answers, one
    for each customer, the accepted share tightened where the mix of messages has moved."""
    rows = even(judged(intent), intent)
    sure, right = [row.confidence for row in rows], [row.right for row in rows]
    mix = limits.mix(sure, right, _today(intent, held=any(not row.given for row in rows)))
    accepted = limits.tightened(accepted_wrong, mix.odds)
    found = limits.limit_for(accepted, sure, right)
    changed = " The messages of this week differ from the judged ones, so the limit is stricter." if mix.moved else ""
    if found is None:
        enough = len(rows) >= limits.needed(accepted_wrong)
        return Suggestion(None, len(rows), None, right.count(False), None, mix.moved, _none(len(rows), accepted_wrong) + changed, enough)
    words = (
        f"From {found.limit:g} on. Rests on {found.judged} judged answers there, {found.wrong} of them wrong: "
        f"with 95 % confidence at most {found.at_most:.1%} are.{changed}"
    )
    return Suggestion(found.limit, found.judged, found.answered, found.wrong, found.at_most, mix.moved, words)


def _today(intent: str, held: bool) -> list[float]:
    lately = proposals(TODAY, intent)
    return stated(lately if held else lately.filter(action=Action.ANSWER))


def _none(judged: int, accepted: float) -> str:
    needed = limits.needed(accepted)
    if judged < needed:
        return f"Needs at least {needed} judged answers of different customers, there {'is' if judged == 1 else 'are'} {judged}."
    return f"No limit keeps this on {judged} judged answers: too many of the surest may be wrong."
