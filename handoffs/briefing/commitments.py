"""What a customer has committed to: the newest value of each field, with what it was before."""

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache

from handoffs.briefing.mentions import Mention
from handoffs.briefing.questions import kind
from handoffs.snapshots import Fact, Was

MOST_FACTS, MOST_WAS = 80, 8
LOOSE = frozenset({"reference", "number", "mentioned", "place", "from", "to", "by", "with", "for"})
# Of these a customer has one at a time, unless two stand in one turn.
SINGULAR = frozenset({
    "name", "e-mail", "phone", "username", "order number", "booking number", "invoice number", "tracking number", "account number", "serial number", "address",
    "postcode", "version", "policy number", "flight number", "room number", "card number", "PIN", "password",
})
SHAPED = frozenset({"date", "time", "amount", "number"})
REVISED = re.compile(
    r"\b(?:sorry|actually|i mean(?:t)?|instead|make (?:it|that)|chang(?:e|ed|ing)|correction|correct(?:ed)? (?:is|that)|oops|rather|mistake"
    r"|scratch that|no wait|wait|in fact|my bad|wrong"
    r"|perdón|en realidad|pardon|en fait|entschuldigung|doch lieber)\b|^\s*no[,.;\s]",
    re.I,
)


@dataclass(frozen=True)
class Held:
    """A fact and how it came: the mention may be an answer to a question."""

    fact: Fact
    answered: bool = False


@dataclass
class Commitments:
    """Facts in the order they were first said."""

    held: list[Held] = field(default_factory=list)

    def turn(self, text: str, number: int | None, answers: list[Mention], others: list[Mention]) -> None:
        """Take what one turn of the customer says: answers to a question before it, and the rest."""
        denied = [mention for mention in (*answers, *others) if mention.denied]
        earlier = range(len(self.held))
        for mention, answered in [*((mention, True) for mention in answers), *((mention, False) for mention in others)]:
            if not mention.denied and not mention.wondered and mention.value:
                self._take(mention, number, answered=answered, revised=bool(REVISED.search(text[: mention.start])), earlier=earlier)
        for mention in denied:
            self._deny(mention, number)
        self._let_go()

    def facts(self) -> tuple[Fact, ...]:
        """At most MOST_FACTS."""
        return tuple(held.fact for held in self.held)

    def _let_go(self) -> None:
        """Of more than MOST_FACTS those without a field go first, then the oldest: each new mention is compared with what is held."""
        over = max(0, len(self.held) - MOST_FACTS)
        ranked = sorted(range(len(self.held)), key=lambda at: (self.held[at].fact.name not in LOOSE, at))
        gone = frozenset(ranked[:over])
        self.held = [held for at, held in enumerate(self.held) if at not in gone]

    def _take(self, mention: Mention, number: int | None, *, answered: bool, revised: bool, earlier: range) -> None:
        same = self._same(mention)
        if same is not None:
            self._name(same, mention, answered)
            return
        old = self._replaced(mention, answered=answered, revised=revised, earlier=earlier)
        if old is None:
            self.held.append(Held(Fact(name=mention.name, value=mention.value, turn=number), answered))
            return
        fact = self.held[old].fact
        name = mention.name if answered or fact.name in LOOSE else fact.name
        was = tuple(was for was in fact.was if plain(was.value) != plain(mention.value))
        self.held[old] = Held(Fact(name=name, value=mention.value, turn=number, was=(*was, Was(value=fact.value, turn=fact.turn))[-MOST_WAS:]), answered)

    def _same(self, mention: Mention) -> int | None:
        """Where the same value stands already, under this name or one like it."""
        key, shape = plain(mention.value), kind(mention.name)
        for at in range(len(self.held) - 1, -1, -1):
            fact = self.held[at].fact
            alike = fact.name == mention.name or fact.name in LOOSE or mention.name in LOOSE or kind(fact.name) == shape != "secret"
            if alike and plain(fact.value) == key:
                return at
        return None

    def _name(self, at: int, mention: Mention, answered: bool) -> None:
        """The same value, said again: a better name for it counts."""
        held = self.held[at]
        if mention.name != held.fact.name and (held.fact.name in LOOSE and mention.name not in LOOSE):
            self.held[at] = replace(held, fact=held.fact.model_copy(update={"name": mention.name}), answered=answered)

    def _replaced(self, mention: Mention, *, answered: bool, revised: bool, earlier: range) -> int | None:
        """Where the value stands that this one takes the place of: of the same field, or the newest of its kind when the customer corrects themselves."""
        places = range(len(self.held) - 1, -1, -1)
        for at in places:
            held = self.held[at]
            again = held.fact.name == mention.name and (mention.name in SINGULAR or (answered and held.answered)) and mention.name not in LOOSE
            if again and (at in earlier or revised):
                return at
        if revised and ((shape := kind(mention.name)) in SHAPED or mention.name == "reference"):
            return next((at for at in places if kind(self.held[at].fact.name) == shape and self.held[at].fact.name not in LOOSE), None)
        return None

    def _deny(self, mention: Mention, number: int | None) -> None:
        """A value denied in the same breath as its replacement is what it was before; a lone one is known not to hold."""
        for at in range(len(self.held) - 1, -1, -1):
            fact = self.held[at].fact
            if fact.turn == number and (fact.name == mention.name or kind(fact.name) == kind(mention.name)) and fact.name != "not":
                if plain(mention.value) not in {plain(fact.value), *(plain(was.value) for was in fact.was)}:
                    self.held[at] = replace(self.held[at], fact=fact.model_copy(update={"was": (*fact.was, Was(value=mention.value, turn=number))}))
                return
        if self._same(mention) is None:
            self.held.append(Held(Fact(name="not", value=mention.value, turn=number)))


@lru_cache(maxsize=4096)
def plain(value: str) -> str:
    return re.sub(r"[\W_]+", "", value).casefold() or value
