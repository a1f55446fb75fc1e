"""Numbers as people write them: "1.000,00 €", "1.5k", "two hundred euros", "3rd"; each with the words it stands in."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

UNITS = re.findall(r"\w+", "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
ONES = {word: value for value, word in enumerate(UNITS)}
TENS = {word: 10 * value for value, word in enumerate(re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety"), 2)}
SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "million": 1_000_000}
SMALL = "|".join((*ONES, *TENS))
SPELLED = rf"(?:(?:a|{SMALL})(?:[\s-]+(?:and\s+)?(?:{SMALL}|{'|'.join(SCALES)})){{0,6}})"
SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "₹": "INR", "¥": "JPY"}
NAMES = {
    "eur": "EUR", "euro": "EUR", "usd": "USD", "dollar": "USD", "buck": "USD", "gbp": "GBP", "pound": "GBP", "quid": "GBP", "inr": "INR",
    "rupee": "INR", "chf": "CHF", "franc": "CHF", "yen": "JPY", "jpy": "JPY", "credit": "", "sek": "SEK", "pln": "PLN", "cad": "CAD", "aud": "AUD",
}
# Without regard to case the long pattern is slow, so that a short one looks first.
SPELLING = re.compile(rf"\b(?:{SMALL}|hundred|thousand|grand)\b")
FIGURE = r"\d{1,3}(?:[,.\s’']\d{3}){1,4}(?:[.,]\d{1,2})?(?!\d)|\d{1,15}(?:[.,]\d{1,4})?"
FIGURES = re.compile(
    rf"(?<![\w.,-])(?P<sign>[€$£₹¥]\s?|(?:eur|usd|gbp|chf|inr)\s)?(?P<figure>{FIGURE})\s?(?P<kilo>k\b|grand\b)?"
    rf"\s?(?P<unit>[€$£₹¥]|(?:{'|'.join(NAMES)})s?\b)?(?P<rest>st\b|nd\b|rd\b|th\b|%)?",
    re.I,
)
WORDED = re.compile(rf"\b(?P<words>{SPELLED})(?:\s+(?P<unit>(?:{'|'.join(NAMES)})s?))?\b", re.I)


@dataclass(frozen=True)
class Number:
    """A value, its currency ("" for none named, None when it is no money) and the words."""

    value: Decimal
    currency: str | None
    words: str

    @property
    def is_money(self) -> bool:
        return self.currency is not None


@lru_cache(maxsize=1024)
def numbers(text: str) -> tuple[Number, ...]:
    """The numbers of a text in figures and in words. Lengths are bounded: words come from strangers."""
    found = [number for match in FIGURES.finditer(text) if (number := _of_figures(match))] if re.search(r"\d", text) else []
    spelled = [number for match in WORDED.finditer(text) if (number := _of_words(match))] if SPELLING.search(text.lower()) else []
    return (*found, *spelled)


def money(text: str) -> tuple[Number, ...]:
    return tuple(number for number in numbers(text) if number.is_money)


def _of_figures(match: re.Match[str]) -> Number | None:
    value = _value(match["figure"])
    if value is None:
        return None
    scale = {"k": 1000, "grand": 1000}.get((match["kilo"] or "").lower(), 1)
    named = (match["sign"] or match["unit"] or "").strip()
    return Number(value * scale, _currency(named) if named else "" if scale == 1000 and not match["rest"] else None, match.group().strip())


def _value(figure: str) -> Decimal | None:
    """A figure's value, whether its parts are set off by commas, points, spaces or apostrophes."""
    plain = re.sub(r"[\s’']", "", figure)
    whole, mark, part = re.fullmatch(r"(.*?)(?:([.,])(\d{1,2}|\d{4}))?", plain).groups()  # type: ignore[union-attr]
    try:
        return Decimal(re.sub(r"[.,]", "", whole) + (f".{part}" if mark else ""))
    except InvalidOperation:
        return None


def _of_words(match: re.Match[str]) -> Number | None:
    words = [word for word in re.split(r"[\s-]+", match["words"].lower()) if word not in ("and", "a")]
    named, is_counted = match["unit"], bool(words)
    if not is_counted or (words == ["one"] and not named):
        return None
    total, part = 0, 1 if words[0] in SCALES else 0
    for word in words:
        if word in SCALES and SCALES[word] > 100:
            total, part = total + max(part, 1) * SCALES[word], 0
        else:
            part = max(part, 1) * 100 if word == "hundred" else part + ONES.get(word, TENS.get(word, 0))
    return Number(Decimal(total + part), _currency(named) if named else "" if words[-1] == "grand" else None, match.group())


def _currency(named: str) -> str:
    return SIGNS.get(named) or NAMES[named.lower() if named.lower() in NAMES else named.lower().removesuffix("s")]
