"""Reads what forms and addresses carry: words a database can keep, and whole numbers."""

from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from handoffs.snapshots import LONGEST_TEXT

MOST_WORDS = 50


def words(request: HttpRequest, name: str) -> str:
    # PostgreSQL cannot store NUL, and nobody means it.
    return request.POST.get(name, "").replace("\x00", "").strip()


def every(request: HttpRequest) -> dict[str, str]:
    """All of a form's words by their names."""
    return {name: words(request, name) for name in request.POST}


def several(request: HttpRequest, name: str) -> frozenset[str]:
    """Words sent as one field, parted by line breaks; at most MOST_WORDS."""
    return frozenset(words(request, name).splitlines()[:MOST_WORDS])


def fits(text: str) -> bool:
    """Whether it may be one turn."""
    return len(text.encode("utf-8", "replace")) <= LONGEST_TEXT


def number(values: QueryDict, name: str) -> int | None:
    """A whole number from 0 on, small enough for a column; None for anything else."""
    text = values.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def day(values: QueryDict, name: str) -> datetime | None:
    """When a day began here; None for anything else."""
    try:
        found = parse_date(values.get(name, ""))
    except ValueError:
        found = None
    return timezone.make_aware(datetime(found.year, found.month, found.day)) if found else None
