"""Takes personal data out of what is sent elsewhere: each value becomes a token, as ⟦EMAIL_1⟧, and what comes back gets its values again.

Replaced: e-mail and web addresses, card numbers (Luhn), IBAN (mod 97), phone numbers, order and other numbers, long runs of digits, passwords, IP and street
addresses, days of birth, and the names and values the caller knows or the customer introduces themselves by. Amounts, dates and other people's names stay:
a summary is of little use without them. No pattern finds everything; what is found is measured in docs/brief.md.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handoffs.briefing.masking import luhn
from handoffs.quantities import NAMES as CURRENCIES
from handoffs.wording import FILLER

TOKEN = re.compile(r"⟦[A-Z]{2,10}_\d{1,4}⟧")
# What a token becomes in careless hands: other brackets, or none.
DAMAGED = re.compile(r"[⟦⟧]|\b(?:EMAIL|LINK|CARD|IBAN|PHONE|ID|NUMBER|SECRET|NAME|ADDRESS|BIRTH|IP|TEXT|KNOWN)_\d{1,4}\b", re.I)
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Signs of an IBAN by country; elsewhere the longest piece that fits is one.
IBAN_SIGNS = {"NO": 15, "BE": 16, "DK": 18, "FI": 18, "NL": 18, "AT": 20, "CH": 21, "LI": 21, "DE": 22, "GB": 22, "IE": 22, "CZ": 24, "ES": 24,
              "RO": 24, "SE": 24, "PT": 25, "FR": 27, "GR": 27, "IT": 27, "HU": 28, "PL": 28}
KEEP, SHORTEST_IBAN = "", 15
GAP = r"[\s\u00a0\u2007\u202f.\u2010-\u2015-]"
CARD = re.compile(rf"(?<![\w-])\d(?:{GAP}{{0,3}}\d){{12,18}}(?![\w])")
IBAN = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}(?!\w)")
EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}"
    r"|(?<!\w)[\w.+-]{1,64}\s?[(\[]\s?at\s?[)\]]\s?[\w-]{1,63}(?:\s?[(\[]\s?dot\s?[)\]]\s?[\w-]{1,63}|\.[\w-]{1,63}){1,4}"
    r"|(?<!\w)[\w.+-]{1,64}\sat\s[\w-]{1,63}\sdot\s(?:com|net|org|edu|io|eu|de|co|uk)\b",
    re.I,
)
LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"”]{0,2000}[^\s<>\"”.,;:!?)\]]", re.I)
IP = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)|(?<![\w:])(?:[0-9a-f]{1,4}:){5,7}[0-9a-f]{1,4}(?![\w:])", re.I)
PHONE = re.compile(
    r"(?<![\w.,/$€£-])(?<!\d:)(?:(?:\+|00)\s?\d{1,3}[\s./()\u00a0-]{0,3}(?:\d[\s./()\u00a0-]{0,2}){5,13}\d"
    r"|\(0?\d{2,5}\)\s?[\d\s/.-]{4,12}\d|0\d{1,4}[\s/.-]\s?\d(?:[\s/.-]?\d){4,9}|\d{3}[\s.-]\d{3}[\s.-]\d{4}|\d{3}[\s.-]\d{4})(?![\w]|[.,]\d)"
)
SSN = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
SECRET = re.compile(
    r"(?i:\b(?:password|passcode|passwort|passphrase|pin(?: code| number)?|cvv|cvc|security (?:code|answer)|one[- ]time code|otp|2fa code|api key)\b"
    r"(?:\s(?:is|was|to|:|=))?\s?[:=]?\s{0,2}[\"“'‘]?)((?=[^\s\"”'’]{0,40}[\d!#$%&*+_@])[^\s\"”'’,;]{3,60})"
)
NUMBERED = re.compile(
    r"(?i:\b(?:order|booking|invoice|account|customer|member(?:ship)?|reference|ref|ticket|case|policy|tracking|contract|serial|passport|licen[cs]e|tax|user|client"
    r"|reservation|confirmation|claim|ssn|iban|card|id|imei|meter|plate)\b"
    r"(?:\s{0,2}(?:number|numbers|no\.?|nr\.?|id|code|ref|is|was|#|:|=|ending(?: in)?)){0,3}\s{0,2})"
    r"((?=[\w/-]{0,40}\d)(?!\d{1,2}(?:[/.]\d{1,2})?(?:[/.]\d{2,4})?\b(?!\w))\w(?:[\w/-]{0,38}\w)?)"
)
MIXED = re.compile(r"(?<![\w-])(?=[\w/-]{0,40}\d[\w/-]{0,10}\d[\w/-]{0,10}\d)(?=[\w/-]{0,40}[A-Za-z])[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+){0,6}(?![\w-])")
UNIT = rf"(?:{'|'.join(CURRENCIES)})s?|k|gb|mb|tb|kg|km|cm|mm|ml|mah|hz|ghz|mhz|kwh|mbps|px|p|st|nd|rd|th|x|h|am|pm|min|mins|ms|s|m|g|l|w|v"
MEASURED = re.compile(rf"\d[\d.,]{{0,5}}(?:{UNIT})|(?:{UNIT})\d[\d.,]{{0,3}}", re.I)
RUN = re.compile(rf"(?<![\w.,])\d(?:{GAP}?\d){{4,40}}(?!\w)")
# Dates, times and amounts stay as they are.
KEPT = re.compile(
    r"(?<![\w-])(?:(?:19|20)\d\d[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./](?:\d{2}|(?:19|20)\d\d)|(?:19|20)\d\d\s?[-–]\s?(?:19|20)?\d\d|\d{1,2}:\d\d)(?![\w-])"
    rf"|[€$£₹¥]\s?\d[\d.,]{{0,12}}|(?<![\w.,-])\d[\d.,]{{0,12}}\s?(?:[€$£₹¥%]|(?:{'|'.join(CURRENCIES)})s?\b)",
    re.I,
)
BIRTH = re.compile(r"(?i:\b(?:born|birth(?:day|date)?|dob)\b[^.!?\n\d]{0,30})(\d{1,4}[-./ ]\w{1,9}[-./ ,]{1,2}\d{1,4})")
STREET = re.compile(
    r"(?<!\w)(?:\d{1,5}[a-z]?,?\s(?:[A-Z][\w'’.-]{1,30}\s){1,4}(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|way|close|place|pl|square|sq)\b\.?"
    r"|[A-ZÄÖÜ][\wäöüß-]{1,30}(?:straße|strasse|str\.|weg|gasse|platz|allee)\s?\d{1,4}[a-z]?\b|(?i:rue|via|calle|rua)\s(?:[A-Za-z][\w'’-]{0,30}\s){1,4}\d{1,4}\b)"
)
INTRODUCED = re.compile(
    r"(?:\b(?i:my (?:full )?name is|my name's|name:|i am called|they call me|this is)\s|\b(?i:i'm|i’m|i am)\s(?=[A-Z][a-z]+\s[A-Z]))"
    r"([A-Z][\w'’-]{1,30}(?:\s[A-Z][\w'’-]{1,30}){0,3})"
)


@dataclass(frozen=True)
class Redacted:
    """What may be sent, and the values its tokens stand for."""

    value: Any
    tokens: dict[str, str]


def redact(value: Any, known: Mapping[str, Iterable[str]] | None = None) -> Redacted:
    """A copy of texts in lists and dicts (keys stay) with tokens for personal data; equal values get equal tokens.

    `known` are values to replace wherever they stand, by their kind in capitals: {"NAME": ["Amara Osei"]}; introductions found in the texts are added.
    """
    names = {*(known or {}).get("NAME", ()), *(found for text in _texts(value) for found in INTRODUCED.findall(text))}
    sweeper = _Sweeper({**(known or {}), "NAME": {part for name in names for part in (name, *name.split()) if len(part) > 1}})
    return Redacted(_mapped(value, sweeper.sweep), sweeper.tokens)


def restore(text: str, tokens: Mapping[str, str]) -> str:
    """The text with values in the place of tokens. A value that looks like a token is not read again."""
    return TOKEN.sub(lambda found: tokens.get(found.group(), found.group()), text)


def damaged(text: str, tokens: Mapping[str, str]) -> tuple[str, ...]:
    """What looks like a token of ours and is none of these: invented, or with its brackets lost."""
    return tuple(DAMAGED.findall(TOKEN.sub(lambda found: "" if found.group() in tokens else found.group(), text)))


class _Sweeper:
    """Replaces values in one text after the other and remembers which token stands for which."""

    def __init__(self, known: Mapping[str, Iterable[str]]) -> None:
        self.tokens: dict[str, str] = {}
        self._by_value: dict[tuple[str, str], str] = {}
        self._known = [(kind, pattern) for kind, values in known.items() if (pattern := _exactly(values))]

    def sweep(self, text: str) -> str:
        # What already looks like a token is a value like others: it must not be taken for one of ours on the way back.
        parts: list[str] = [unicodedata.normalize("NFKC", text).translate(INVISIBLE)]
        for kind, find in (*FIRST, *((kind, _whole(pattern)) for kind, pattern in self._known), *FINDERS):
            parts = [piece for part in parts for piece in ([part] if isinstance(part, _Settled) else self._split(part, kind, find))]
        return "".join(parts)

    def _split(self, text: str, kind: str, find: "Finder") -> Iterator[str]:
        at = 0
        for start, end in find(text):
            if start >= at:
                yield text[at:start]
                yield _Settled(text[start:end] if kind == KEEP else self._token(kind, text[start:end]))
                at = end
        yield text[at:]

    def _token(self, kind: str, value: str) -> str:
        same = (kind, re.sub(r"[^\w@]+", "", value.casefold()) or value)
        if same not in self._by_value:
            number = sum(other == kind for other, _ in self._by_value) + 1
            self._by_value[same] = f"⟦{kind}_{number}⟧"
            self.tokens[self._by_value[same]] = value
        return self._by_value[same]


class _Settled(str):
    """A piece of text in which nothing more is looked for."""


Finder = Callable[[str], Iterable[tuple[int, int]]]
DAMAGED_OR_TOKEN = re.compile(rf"{TOKEN.pattern}|{DAMAGED.pattern}", re.I)


def _whole(pattern: re.Pattern[str], fits: Callable[[str], bool] = lambda found: True) -> Finder:
    return lambda text: (match.span() for match in pattern.finditer(text) if fits(match.group()))


def _group(pattern: re.Pattern[str]) -> Finder:
    return lambda text: (match.span(1) for match in pattern.finditer(text) if not MEASURED.fullmatch(match.group(1)))


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """What follows an IBAN may look like a part of it: the longest piece that fits is one."""
    for match in IBAN.finditer(text):
        ends = [match.start() + at for at, sign in enumerate(f"{match.group()} ") if not sign.isalnum() and at >= SHORTEST_IBAN]
        yield from [(match.start(), end) for end in reversed(ends) if _is_iban(text[match.start() : end])][:1]


def _is_iban(text: str) -> bool:
    """ISO 13616: the first four signs behind the others, letters as 10..35, modulo 97 is 1."""
    plain = re.sub(r"[ -]", "", text).upper()
    fits = plain.isascii() and len(plain) == IBAN_SIGNS.get(plain[:2], len(plain))
    return fits and int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _is_phone(text: str) -> bool:
    return 7 <= len(_digits(text)) <= 15


FIRST: tuple[tuple[str, Finder], ...] = (("TEXT", _whole(DAMAGED_OR_TOKEN)), ("LINK", _whole(LINK)), ("EMAIL", _whole(EMAIL)))
FINDERS: tuple[tuple[str, Finder], ...] = (
    ("BIRTH", _group(BIRTH)), ("SECRET", _group(SECRET)), ("IBAN", _ibans), ("CARD", _whole(CARD, lambda found: luhn(_digits(found)))),
    ("IP", _whole(IP)), ("NUMBER", _whole(SSN)), (KEEP, _whole(KEPT)), ("PHONE", _whole(PHONE, _is_phone)), ("ID", _group(NUMBERED)),
    ("ID", _whole(MIXED, lambda found: not MEASURED.fullmatch(found))), ("ADDRESS", _whole(STREET)), ("NUMBER", _whole(RUN)),
)


def _exactly(values: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of the values as whole words, the longest first; None without values."""
    wanted = sorted({value.strip() for value in values if len(value.strip()) > 1}, key=len, reverse=True)
    written = [r"\s{1,3}".join(map(re.escape, value.split())) for value in wanted]
    # "Will" is a name, "will" hardly.
    written = [f"(?-i:{each})" if value.lower() in FILLER else each for value, each in zip(wanted, written, strict=True)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(written)})(?!\w)", re.I) if written else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, list | tuple):
        yield from (text for each in value for text in _texts(each))


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _mapped(each, change) for key, each in value.items()}
    return [_mapped(each, change) for each in value] if isinstance(value, list | tuple) else value
