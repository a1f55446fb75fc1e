"""The brief for systems that carry little: flat, of strings, numbers and booleans, under 4 KB whatever was said."""

import json
import unicodedata
from collections.abc import Iterator

from handoffs.briefing.attempts import foremost
from handoffs.snapshots import Brief, Outcome

Flat = dict[str, str | float | int | bool]

MOST_BYTES = 4000  # of the JSON in UTF-8
MOST_ATTEMPTS, MOST_FACTS = 4, 20
LONGEST_LINK = 500
SHORTEST = 12  # characters: a text that must be cut shorter than this is left out
JOINER = "\u200d"
FLAGS = range(0x1F1E6, 0x1F200)
SKINS = range(0x1F3FB, 0x1F400)


def essentials(brief: Brief, link: str = "") -> Flat:
    """The brief by stable names, the most important first; what has no room is cut or left out from the end.

    Always there: `version`, `link`, `feeling`, `trend`, `goal`, and the counts `attempts`, `attempts_failed`, `facts`, `orders`, `earlier`.
    Where there is something: `tension`, `reason`, `next_step`, `summary`, `how_to_open`, `fact_NAME` (the latest value, `_` for whatever is
    neither a letter nor a digit), `attempt_1` to `attempt_4` (as "failed: Refund it"), `draft`. `written_by` is facts or model.
    """
    failed = sum(attempt.times for attempt in brief.attempts if attempt.outcome in (Outcome.FAILED, Outcome.REFUSED))
    flat: Flat = {
        "version": brief.version, "link": link if len(link) <= LONGEST_LINK else "", "feeling": brief.feeling.mood.value,
        "trend": brief.feeling.trend.value, "goal": cut(brief.goal, 200),
        "attempts": sum(attempt.times for attempt in brief.attempts), "attempts_failed": failed, "facts": len(brief.facts),
        "orders": len(brief.record.orders), "earlier": len(brief.record.earlier), "written_by": brief.written_by, "corrected": bool(brief.corrected),
    }
    if brief.feeling.tension:
        flat["tension"] = round(brief.feeling.tension[-1], 2)
    for name, text, longest in _texts(brief):
        _add(flat, name, cut(text, longest))
    return flat


def cut(text: str, longest: int) -> str:
    """The text in at most so many characters, never ending within one that is made of several, with "…" when something is missing."""
    text = "".join(sign if sign.isprintable() or unicodedata.category(sign) == "Cf" else " " for sign in text.encode("utf-8", "replace").decode())
    if len(text) <= longest:
        return text
    end = max(0, longest - 1)
    while end and _within(text, end):
        end -= 1
    return text[:end].rstrip() + "…" if longest else ""


def _within(text: str, at: int) -> bool:
    """Whether what people see as one character goes on at this place: marks, joined emoji, skin tones, flags."""
    new, before = text[at], text[at - 1]
    if unicodedata.category(new).startswith("M") or JOINER in (new, before) or ord(new) in SKINS:
        return True
    flags = 0
    while flags < at and ord(text[at - 1 - flags]) in FLAGS:
        flags += 1
    return ord(new) in FLAGS and flags % 2 == 1


def _texts(brief: Brief) -> Iterator[tuple[str, str, int]]:
    """Names, texts and their longest, in order of importance."""
    yield "reason", brief.reason, 200
    yield "next_step", brief.next_step, 200
    yield "summary", brief.summary, 500
    yield "how_to_open", brief.feeling.how_to_open, 160
    for fact in brief.facts[-MOST_FACTS:]:
        yield f"fact_{_key(fact.name)}", fact.value, 120
    for number, attempt in enumerate(foremost(brief.attempts, MOST_ATTEMPTS), 1):
        yield f"attempt_{number}", f"{attempt.outcome.value}: {attempt.step}{f' ({attempt.detail})' if attempt.detail else ''}", 160
    yield "draft", brief.draft, 500


def _key(name: str) -> str:
    return "".join(sign if sign.isalnum() else "_" for sign in name.casefold())[:40]


def _add(flat: Flat, name: str, text: str) -> None:
    """Put the text in, as much of it as there is room for."""
    while text:
        over = size({**flat, name: text}) - MOST_BYTES
        if over <= 0:
            flat[name] = text
            return
        # A character has up to four bytes, and up to six where JSON escapes it.
        shorter = cut(text, len(text) - max(1, over // 6))
        text = "" if len(shorter) < SHORTEST or len(shorter) >= len(text) else shorter


def size(flat: Flat) -> int:
    """Bytes of the JSON in UTF-8."""
    return len(json.dumps(flat, ensure_ascii=False).encode())
