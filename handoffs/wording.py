"""A text read once for everybody who judges it: its words in order, where its sentences end, and what it is about."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

# A wish stands at one end of a long text; reading all of a pasted page would let strangers choose how long we think.
READ = 1500
# Two texts say the same when so much of the shorter one's content is shared, or of their pieces, or of both on average; measured in
# docs/judgement.md on pairs of messages of one intent and of two.
ALIKE, ONE_WORD = 0.6, 0.5
WORD = re.compile(r"\d+(?:[.,]\d+)+\w*|[^\W_]+(?:['’][^\W_]+)*|[.!?;,:…\n]")
STOPS = frozenset(".!?…\n")
BREAKS = STOPS | frozenset(";,:")
QUOTED = re.compile(r"[\"“„«][^\"”“»]{0,400}[\"”“»]|(?<!\w)['‘][^'’]{0,400}['’](?!\w)")
FILLER = frozenset(
    re.findall(
        r"\S+",
        """
        a an and are as at be but by can could did do does for from had has have hello hi how i i'm if in is it it's its me my no
        not of ok okay on or our please so sorry still tell thanks that the their them then there they this to too um us was we well
        were what when where which who why will with would yes you your again already asked said just really know want need like get
        i'd i've i'll don't can't isn't doesn't didn't what's where's hey good am any been being also now thank trying try got
        some about into you're one let may dear kindly much very told times cannot
        """,
    )
)
SAME = {
    word: group[0]
    for group in (
        ("parcel", "package", "shipment", "delivery", "deliver", "delivered"), ("refund", "refunded", "reimburse", "reimbursement"),
        ("cancel", "cancellation", "terminate"), ("arrive", "arrived", "come", "came", "show", "reach"), ("broken", "faulty", "damaged", "defective"),
        ("login", "log", "logged", "signin"), ("mobile", "phone", "cell", "telephone"), ("money", "cash"), ("buy", "purchase", "bought", "purchased"),
        ("change", "modify", "update", "switch", "edit"), ("cost", "price", "fee", "charge"), ("invoice", "bill", "receipt"),
        ("begin", "start"), ("find", "locate", "look"), ("lost", "missing", "lose"), ("email", "e-mail", "mail"), ("pay", "payment", "paid"),
        ("send", "sent", "ship", "shipped"), ("problem", "issue", "trouble"), ("work", "function"), ("wrong", "incorrect"),
    )
    for word in group
}


@dataclass(frozen=True)
class Reading:
    """The words of a text in small letters, the marks that end clauses and sentences among them."""

    text: str
    words: tuple[str, ...]
    vocabulary: frozenset[str]

    @cached_property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Where in the text each word begins and ends."""
        return tuple(match.span() for match in WORD.finditer(self.text))

    @cached_property
    def content(self) -> frozenset[str]:
        """What it is about: stems without filler, one word standing for its synonyms."""
        return frozenset(stem(word) for word in self.vocabulary if word not in FILLER and word not in BREAKS)

    @cached_property
    def pieces(self) -> frozenset[str]:
        """The pieces of three characters of its content words, for slips of the pen and other endings."""
        return frozenset(f" {word} "[at : at + 3] for word in self.content for at in range(len(word)))

    def quote(self, start: int, end: int) -> str:
        """The text from the word `start` up to before the word `end`, as it was written."""
        return self.text[self.places[start][0] : self.places[end - 1][1]]

    def sentence(self, at: int) -> tuple[int, int]:
        """Where the sentence around a word begins and ends."""
        return self._around(at, STOPS)

    def clause(self, at: int) -> tuple[int, int]:
        return self._around(at, BREAKS)

    def _around(self, at: int, ends: frozenset[str]) -> tuple[int, int]:
        start = next((place + 1 for place in range(at - 1, -1, -1) if self.words[place] in ends), 0)
        return start, next((place for place in range(at, len(self.words)) if self.words[place] in ends), len(self.words))


@lru_cache(maxsize=1024)
def read(text: str) -> Reading:
    """The customer's own words: quotations are left out, and of a very long text only its two ends are read."""
    plain = ends_of(text)
    plain = QUOTED.sub(lambda quote: " " * len(quote.group()), plain) if QUOTED.search(plain) else plain
    words = WORD.findall(plain.replace("’", "'").lower()) if plain.isascii() else [word.lower() for word in WORD.findall(plain.replace("’", "'"))]
    return Reading(plain, tuple(words), frozenset(words))


def same_need(first: Reading, second: Reading) -> bool:
    """Whether two texts say the same: their content words, synonyms counted once, and the pieces of those words, are mostly shared."""
    if first.content.isdisjoint(second.content):
        return False
    shared, smaller = len(first.content & second.content), min(len(first.content), len(second.content))
    overlap, union = shared / smaller, shared / len(first.content | second.content)
    if smaller == 1:
        return union >= ONE_WORD
    if shared >= 2 and overlap >= ALIKE and union >= ALIKE / 2:
        return True
    pieces = 2 * len(first.pieces & second.pieces) / (len(first.pieces) + len(second.pieces))
    return pieces >= ALIKE or (shared >= 2 and (overlap + pieces) / 2 >= ALIKE)


def ends_of(text: str) -> str:
    return text if len(text) <= 2 * READ else f"{text[:READ]}\n{text[-READ:]}"


@lru_cache(maxsize=32768)
def stem(word: str) -> str:
    word = SAME.get(word, word)
    for ending in ("'s", "ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    return SAME.get(word, word)
