"""Which of our languages a customer is spoken to in: what they chose, else what they write, else what their browser asks for."""

from contextlib import AbstractContextManager
from typing import Protocol

from django.conf import settings
from django.utils import translation


class Spoken(Protocol):
    """What is known of a customer's language, as codes like "de" or "pt-BR"; empty when it is not."""

    chosen_language: str
    language: str
    browser_language: str


def offered(wish: str) -> str:
    """The language of ours a code asks for; empty when we have none."""
    base = wish.replace("_", "-").partition("-")[0].lower()
    return base if base in dict(settings.LANGUAGES) else ""


def of(spoken: Spoken | None) -> str:
    """The language of ours to speak to a customer, the product's own when nothing better is known."""
    wishes = (spoken.chosen_language, spoken.language, spoken.browser_language) if spoken else ()
    return next(filter(None, map(offered, wishes)), settings.LANGUAGE_CODE)


def speaking(spoken: Spoken | None) -> AbstractContextManager[None]:
    """Templates rendered in this block speak the customer's language."""
    return translation.override(of(spoken))
