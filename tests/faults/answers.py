"""Whether callers were answered as they should be. Pure."""

from collections.abc import Iterator

from tests.faults.ledger import Ledger


def wrong(ledger: Ledger, asked: int, *, unnoticed: bool) -> Iterator[str]:
    """What is not, in words: at least `asked` operations were acknowledged, nobody insisted in vain, and `unnoticed` nobody had to try twice."""
    if (found := len(ledger.acknowledged)) < asked:
        yield f"{found} of {asked} operations were acknowledged"
    if owed := [f"{act.kind} {act.status} after {act.took:.0f} s" for act in ledger.unanswered]:
        yield f"{len(owed)} acts were not answered as they should be: {', '.join(owed[:5])}"
    if unnoticed and ledger.failures:
        yield f"callers had to try again: {dict(ledger.failures)}"
