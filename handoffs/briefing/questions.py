"""What a turn asks the customer for, and what their next turn answers."""

import re
from collections.abc import Iterable
from functools import lru_cache

from handoffs.briefing.fields import BY_CODE, Kind

READ = 600  # the end of a turn: the question stands there
ASKED_FOR = (
    ("birth date", r"\b(?:date of birth|birth\s?(?:date|day)|dob|born)\b"),
    ("card number", r"\bcard(?:['’]s)? (?:number|no\b|details)"),
    ("PIN", r"\b(?:pin|passcode|cvv|cvc|security code|verification code)\b"),
    ("password", r"\bpass(?:word|phrase)\b"),
    ("security answer", r"\b(?:maiden name|(?:childhood |first )?pet['’]?s?(?:['’]s)? name|name of your (?:\w+ )?pet|security (?:question|answer))"),
    ("e-mail", r"\be-?mails?\b|\bcorreo(?: electrónico)?\b|\bcourriel\b"),
    ("phone", r"\b(?:phone|mobile|cell|telephone)(?: number)?\b|\b(?:teléfono|téléphone|telefon(?:nummer)?|telefono|telefone|móvil|handynummer)\b"),
    ("username", r"\b(?:user\s?name|login name)\b"),
    ("account number", r"\b(?:account|customer|member(?:ship)?)(?:['’]s)? (?:number|no|id)\b|\biban\b"),
    ("account number", r"\b(?:número de (?:cuenta|cliente|conta)|numéro de (?:compte|client)|(?:konto|kunden)nummer)\b"),
    ("order number", r"\border(?:['’]s)? (?:number|no|id|#)"),
    ("order number", r"\b(?:número de (?:pedido|orden|encomenda)|numéro de commande|(?:bestell|auftrags)nummer|numero d['’]ordine)\b"),
    ("booking number", r"\b(?:booking|reservation|confirmation)(?: (?:number|no|id|code|reference)\b)|\bbooking (?:id|ref)"),
    ("invoice number", r"\b(?:invoice|receipt|bill) (?:number|no|id)\b"),
    ("tracking number", r"\btracking (?:number|no|id|code)\b"),
    ("serial number", r"\bserial (?:number|no)\b|\bimei\b"),
    ("reference", r"\b(?:reference|ticket|case)(?: (?:number|no|id))?\b"),
    ("postcode", r"\b(?:post(?:al)?\s?code|zip(?: code)?)\b"),
    ("address", r"\b(?:address|dirección|adresse|anschrift|indirizzo|endereço)\b"),
    ("error message", r"\berror(?: message| code)?\b"),
    ("what was tried", r"\b(?:have|did|what) you (?:already )?tr(?:y|ied)\b"),
    ("version", r"\bversion\b"),
    ("device", r"\b(?:what|which) (?:kind of |type of )?(?:device|model|phone|browser|operating system)\b"),
    ("name", r"\b(?:your|full|first|last)(?: (?:full|first|last))? name\b|^\W{0,3}(?:and )?name\b|\bwho am i (?:speaking|talking|chatting)\b"),
    ("name", r"\b(?:su|tu|votre|ihr|ihren|dein|seu|vostro|suo) (?:nombre|nom|namen?|nome)\b"),
)
LEXICON = tuple((code, re.compile(pattern, re.I)) for code, pattern in ASKED_FOR)
SENTENCE = re.compile(r"[^.!?\n]{1,400}(?:[.!?\n]+(?!\w)|$|[.!?](?=\w))")
ASKING = re.compile(
    r"\?|_{2}|\bplease[.!]?\s*$|^\W{0,3}(?:and )?your\b(?!.{0,300}\b(?:is|are|was|has|have|will|been)\b)|\bwhat (?:is|was) it\b|\b(?:please"
    r"|kindly)?\s?(?:provide|enter|tell me|give me|let me know|specify|state|share|send me|confirm your|type|name the|describe|i(?:['’]ll"
    r"| will)? (?:also )?need|i require)\b", re.I
)
NO_FIELD = re.compile(
    r"\b(?:anything else|any (?:more|further|other)|can i help|may i help|how (?:can|may) i|help you|help with|shall i|should i|can i (?:book|proceed"
    r"|go ahead|confirm)|ever been"
    r"|do you want me to|would you like me to"
    r"|is (?:that|this) (?:ok|okay|right|correct|fine)|does (?:that|this)|proceed|continue|do you know how|how are you|do it for you)\b",
    re.I,
)
THING = r"(?P<what>[\w'’_ -]{2,40})"
HOW_MANY = re.compile(rf"\bhow many {THING}", re.I)
ANY = re.compile(rf"\bany (?:(?:particular|specific|special|other) )?{THING}", re.I)
NEED = re.compile(rf"\b(?:do|will|does|would) (?:you|your \w{{1,20}}) (?:need|require|have|prefer) (?!the\b|to\b|your\b|you\b|me\b)(?:an? )?{THING}", re.I)
WHAT = (
    HOW_MANY,
    re.compile(rf"\b(?:the |your )?names? of (?:the |your |that )?{THING}", re.I),
    re.compile(rf"\b(?:what|which) (?:is|are|was|were|will be|would be) (?:the|your) {THING}", re.I),
    re.compile(
        rf"\b(?:what|which)(?: (?:kind|type|sort|part) of)? (?!(?:is|are|was|do|does|did|can|would|will|you|time)\b){THING}",
        re.I,
    ),
)
REQUEST = re.compile(
    r"\b(?:provide|enter|tell|give|have|get|know|specify|state|share|confirm|need|send|type|describe|require)(?: (?:me|us))?(?: with)?(?: know)?"
    rf" (?:the|your|about|an?)(?: (?:detailed|full|exact))? {THING}",
    re.I,
)
YOURS = re.compile(rf"\byour {THING}", re.I)
CLOSED = re.compile(
    r"(?:^\W*(?:\w{1,12}\W{1,3})?|,\s)(?:is|are|was|were|do|does|did|have|has|can|could|would|will|should|shall|may) (?:you|your|we|i|it"
    r"|this|that|there|the)\b", re.I
)
ENDS = re.compile(
    r"\b(?:is|are|was|were|do|does|did|can|could|would|will|should|shall|may|might|has|have|had|you|i|we|they|it|he|she|to|that|which|who"
    r"|where|when|please|so|now|then|from|in|on"
    r"|at|for|by|with|and|or|as|be|going|again|if|too|today|exactly|of your|you['’]re|you['’]d)\b",
    re.I,
)
BY_WORD = (
    ("time", re.compile(r"\bwhat time\b|\bat what time\b", re.I)),
    ("amount", re.compile(r"\bhow much\b", re.I)),
    ("date", re.compile(r"\b(?:what|which) (?:day|date)\b", re.I)),
    ("time", re.compile(r"\bwhen\b", re.I)),
    ("place", re.compile(r"\bwhere\b", re.I)),
    ("reason", re.compile(r"\bwhy\b", re.I)),
    ("name", re.compile(r"\bwho\b", re.I)),
)
KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("time", re.compile(r"\btimes?\b|\bhour\b", re.I)),
    ("date", re.compile(r"\b(?:date|day|month)\b", re.I)),
    ("amount", re.compile(r"\b(?:amount|price|cost|budget|sum|fee|salary)\b", re.I)),
    ("name", re.compile(r"\bnames?\b", re.I)),
    ("number", re.compile(r"\bnumber of\b", re.I)),
    ("id", re.compile(r"\b(?:number|id|code)\b", re.I)),
)
# "Departure location?": a thing alone, without a verb.
BARE = re.compile(
    r"\W{0,3}(?:and |ok |okay |the |your )?(?P<what>(?!(?:is|are|do|does|did|can|could|would|will|shall|should|have|has|why|who|what|how|so"
    r"|anything|really|sorry|pardon)\b)"
    r"[a-z][\w'’-]{1,20}(?: [\w'’-]{2,20}){0,3})(?:,? please)?\s{0,2}\?\W{0,3}",
    re.I,
)
CHOICE, BLANK = "choice", "__"
LONGEST_NAME = 5  # words
PLAINER = {"day": "date", "days": "date", "dates": "date", "times": "time", "time of day": "time"}


@lru_cache(maxsize=2048)
def asked(text: str) -> tuple[str, ...]:
    """What a turn asks for: codes of fields, or the question's own words for what no field covers; empty when it asks for nothing."""
    sentences = [part for part in SENTENCE.findall(text[-READ:]) if ASKING.search(part) and not NO_FIELD.search(part)]
    known = tuple(dict.fromkeys(code for part in sentences for code, pattern in LEXICON if pattern.search(part)))
    if known or not sentences:
        return known
    return tuple(dict.fromkeys(name for part in sentences[-2:] if (name := _named(part))))


@lru_cache(maxsize=4096)
def kind(name: str) -> Kind:
    """The shape of a field's values, of one named by a question too."""
    if name in BY_CODE:
        return BY_CODE[name].kind
    return next((shape for shape, pattern in KINDS if pattern.search(name)), "text")


def _named(question: str) -> str:
    if what := _of_pattern(WHAT, question):
        return what
    if by_word := next((code for code, pattern in BY_WORD if pattern.search(question)), ""):
        return by_word
    if (bare := BARE.fullmatch(question)) and (what := _short(bare["what"])):
        return what
    if CLOSED.search(question) and not REQUEST.search(question):
        return CHOICE if re.search(r"\bor\b", question) else _of_pattern((ANY, NEED), question)
    blank = " ".join(re.findall(r"[\w'’-]+", question)[-LONGEST_NAME:]).lower() if BLANK in question else ""
    return _of_pattern((REQUEST, ANY, NEED, YOURS), question) or blank[:40]


def _of_pattern(patterns: Iterable[re.Pattern[str]], question: str) -> str:
    for pattern in patterns:
        for match in pattern.finditer(question):
            if what := _short(match["what"]):
                return f"number of {what}" if pattern is HOW_MANY else PLAINER.get(what, what)
    return ""


def _short(words: str) -> str:
    """A thing's name without what is said of it, in small letters; empty when nothing is left."""
    end = ENDS.search(words)
    plain = words[: end.start()] if end else words
    return " ".join(plain.lower().replace("’", "'").split()[:LONGEST_NAME]).strip(" -'")
