"""What is known: what the customer said that can be looked up, each with its turn, and what the assistant sent."""

from collections.abc import Mapping

from handoffs.briefing import called, masking
from handoffs.briefing.answers import settled
from handoffs.briefing.commitments import Commitments, plain
from handoffs.briefing.mentions import LONGEST, Mention, mentions
from handoffs.briefing.questions import asked
from handoffs.snapshots import Author, Fact, Line
from handoffs.wording import ends_of

MOST_GIVEN = 60


def facts_of(lines: tuple[Line, ...], given: Mapping[str, object]) -> tuple[Fact, ...]:
    """Facts the assistant sent and those read from the customer's words; the latest commitment wins and the earlier value stands in `was`.

    `lines` are everybody's: a question gives its name to the answer in the customer's next turn.
    """
    read = Commitments()
    known = called.names(ends_of(line.text) for line in lines if line.author is not Author.CUSTOMER)
    question: tuple[str, ...] = ()
    for line in lines:
        text = ends_of(line.text)
        if line.author is not Author.CUSTOMER:
            question = asked(text) if line.author in (Author.ASSISTANT, Author.AGENT) else question
            continue
        named = called.mentions(text, known)
        answers, others = settled(text, question, mentions(text), named)
        rest = [name for name in named if not _stands(name, (*answers, *others))]
        read.turn(text, line.number or None, answers, [*others, *rest])
        question = () if answers else question
    said = read.facts()
    return (*_sent(given, said), *said)


def _stands(name: Mention, found: tuple[Mention, ...]) -> bool:
    return any(mention.start < name.end and name.start < mention.end for mention in found)


def _sent(given: Mapping[str, object], said: tuple[Fact, ...]) -> list[Fact]:
    """What the assistant sent, where the customer did not say the very same."""
    known = {name: masking.masked(str(value))[:LONGEST] for name, value in given.items() if value not in (None, "")}
    sent = [Fact(name=name[:LONGEST], value=value, by="assistant") for name, value in known.items()]
    heard = {(fact.name, plain(fact.value)) for fact in said}
    return [fact for fact in sent if (fact.name, plain(fact.value)) not in heard][-MOST_GIVEN:]
