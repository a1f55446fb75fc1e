"""What a customer of STAR named before the handoff point, read without the brief's own finders."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from handoffs.evaluation.files import Row
from handoffs.evaluation.star import STUCK
from handoffs.snapshots import Fact

ASKS = re.compile(r"(?:^|_)ask_(?!proceed|next|confirm|search_more|continue|more_questions)")
SECRETS, SECRET = re.compile(r"ask_pin\b"), re.compile(r"\bPIN\b[^\n]*", re.I)
LONGEST_ANSWER = 6  # words
LONGEST_NAME = 5
STOP_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        a about above after again against all already also am an and another any are around as at be because been before being below between both but
        by call can cannot could d did didn do does doesn doing don down during each either else enough few for friends from further gonna good great
        had has have having he her here hers him his how i idea if im in into is isn it its just know let ll like m made make may maybe me might mine
        more most much must my name need never no nope nor not now number of off ok okay on once one only open or other our out over own people please
        plz pretty re really right s said same say she should shouldn simple so some sorry sounds such sure t than thank thanks that the their them
        then there these they thing think this those through to too told try under until up us ve very wait want was wasn we well were what when where
        which while who whom why will with won would wouldn y yea yeah yep yes yet you your yup hi hello hey bye goodbye fine correct cool perfect
        nice works lol hmm um uh oh go going ahead continue help understand remember forgot lost account id dr pin answer deal big host paid
        application fee take guess probably done code access type
        """,
    )
)
DONT_KNOW = re.compile(
    r"\b(?:don'?t|do not|can'?t|cannot|not) (?:\w+ )?(?:know|remember|remmeber|recall|have|sure|understand|matter)|\bno idea\b|\bforgot\b"
    r"|\blost\b",
    re.I,
)
SHAPES = (
    ("amount", re.compile(r"[$€£]\s?\d[\d.,]*\d|[$€£]\s?\d|\b\d[\d.,]*\s?(?:dollars?|bucks|euros?|pounds?)\b", re.I)),
    ("time", re.compile(r"\b\d{1,2}(?::\d\d)?\s?[ap]\.?m\b|\b\d{1,2}:\d\d\b", re.I)),
    ("date", re.compile(
        r"\b\d{1,2}(?:st|nd|rd|th)\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:tomorrow|tonight)\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b",
        re.I),
    ),
    ("id", re.compile(r"(?<![$€£.,:/\w])(?=[\w-]*\d)[\w-]{3,}(?![.,:/]?\d)(?!\s?[ap]\.?m\b)", re.I)),
)
TOLD = re.compile(
    r"(?<!\w)'(?=[^'\n]*[A-Z\d])([^'\n]{2,60})'(?!\w)|\b(\d[\w:.,/-]*\w|\d)(?:\s?(?:[ap]m\b))?"
    r"|(?<=[\w,:(] )((?:[A-Z][\w'-]+)(?: [A-Z][\w'-]+){0,4})"
)
NOT_TOLD = frozenset(
    re.findall(
        r"\S+",
        """
        you your the ai assistant mturk system bot it its come note ask choose monday's today i hello hi make pm am faq if when until if then there
        this that do not don't instruction please instructions guide wizard once ok after before also in on at for and or but say says what how get
        try yes no use keep have with wait help
        """,
    )
)


@dataclass(frozen=True)
class Named:
    """A value the customer named, and how it was known to be one."""

    kind: str
    text: str


def of(row: Row) -> list[Named]:
    """What the customer named before the first `out_of_scope` reply (else the end), each value once.

    - `task`: what the customer's instructions quote, write in figures or with capitals, where the customer typed the very same;
    - `answer`: the customer's next words after an act that asks (`*ask_*`, without those that ask to go on), up to LONGEST_ANSWER words that say more
      than yes, no or a question, by what is left without such words;
    - `amount`, `time`, `date`, `id`: plain shapes in what the customer typed.

    Codes that open an account (asked with `ask_pin`) are no facts to keep: no brief has them.
    """
    said = list(_before_the_point(row["events"]))
    typed = [text for _, text in said]
    told = [row.get("user_task") or "", *(event.get("text") or "" for event in row["events"] if event["who"] != "agent")]
    secret = " ".join([*(text for act, text in said if SECRETS.search(act)), *(found for text in told for found in SECRET.findall(text))]).lower()
    values = [*_of_task(row, typed), *_answers(said), *_shapes(typed)]
    return [value for value in dict.fromkeys(values) if not any(word in secret for word in value.text.split() if word.isdigit())]


def held(value: Named, facts: Iterable[Fact]) -> bool:
    """Whether a fact, or what it was before, has the value's words: one fact for a value, all of them for an answer."""
    texts = [plain(text) for fact in facts for text in (fact.value, *(was.value for was in fact.was))]
    if value.kind != "answer":
        return any(f" {plain(value.text)} " in f" {text} " for text in texts)
    words = set(" ".join(texts).split())
    return all(word in words for word in value.text.split())


def plain(text: str) -> str:
    """Small letters, figures joined to what they count, and nothing but words."""
    joined = re.sub(r"(?<=\d)\s+(?=[ap]\.?m\b)", "", text.lower().replace("a.m", "am").replace("p.m", "pm"))
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=\d)[.,](?=\d)", "", joined)))


def _before_the_point(events: list[Row]) -> Iterator[tuple[str, str]]:
    """The customer's turns, each with the act of the agent's turn just before it."""
    act = ""
    for event in events:
        if event["who"] == "agent" and event.get("act") == STUCK:
            return
        if event["who"] == "agent" and event.get("text"):
            act = event.get("act") or ""
        elif event["who"] == "user" and event.get("text"):
            yield act, event["text"]
            act = ""


def _of_task(row: Row, typed: list[str]) -> Iterator[Named]:
    words = f" {' | '.join(plain(text) for text in typed)} "
    told = " \n ".join([row.get("user_task") or "", *(event.get("text") or "" for event in row["events"] if event["who"] == "guide")])
    for match in TOLD.finditer(re.sub(r"\[instruction \d+ of \d+\]", "", told)):
        value = next(part for part in (*match.groups(), match.group()) if part)
        says = not all(word in NOT_TOLD | STOP_WORDS for word in plain(value).split())
        if says and len(value.split()) <= LONGEST_NAME and f" {plain(value)} " in words:
            yield Named("task", plain(value))


def _answers(said: list[tuple[str, str]]) -> Iterator[Named]:
    for act, text in said:
        if ASKS.search(act) and not SECRETS.search(act) and len(text.split()) <= LONGEST_ANSWER and "?" not in text and not DONT_KNOW.search(text):
            told = [word for word in plain(re.split(r"(?<=\w\w)[.!](?:\s|$)", text.strip())[0]).split() if word not in STOP_WORDS]
            if told:
                yield Named("answer", " ".join(told))


def _shapes(typed: list[str]) -> Iterator[Named]:
    for text in typed:
        left = text
        for kind, pattern in SHAPES:
            yield from (Named(kind, plain(found.group())) for found in pattern.finditer(left))
            left = pattern.sub(" ", left)
