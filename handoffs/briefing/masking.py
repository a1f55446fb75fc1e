"""What no brief keeps in full: card numbers, passwords and codes that open things."""

import re

CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
# Numbers of the networks that cards are issued by, of 13 to 19 figures.
ISSUED = re.compile(r"(?:3[0-9]|4\d|5[0-9]|6\d|2[2-7])\d{11,17}$")
HIDDEN = "••••"


def luhn(digits: str) -> bool:
    """Whether figures could be a card's: the check of ISO/IEC 7812-1."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return ISSUED.match(digits) is not None and len(set(digits)) > 1 and sum(number - 9 * (number > 9) for number in doubled) % 10 == 0


def cards(text: str) -> list[tuple[int, int]]:
    """Where card numbers stand in a text."""
    return [match.span() for match in CARD.finditer(text) if luhn(re.sub(r"\D", "", match.group()))]


def card(number: str) -> str:
    """A card's number as it may be shown: the last four figures."""
    return f"{HIDDEN} {re.sub(r'[^0-9]', '', number)[-4:]}"


def masked(text: str) -> str:
    """A text without its card numbers."""
    return CARD.sub(lambda found: card(found.group()) if luhn(re.sub(r"\D", "", found.group())) else found.group(), text)
