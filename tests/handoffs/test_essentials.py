"""The flat projection of a brief: stable names, under 4 KB whatever the brief, cut from the end and never within a character."""

import json
from random import Random

import pytest

from handoffs.briefing.essentials import cut, essentials
from handoffs.snapshots import Brief, BriefAttempt, Fact, Feeling, Mood, Outcome, Sentence

FAMILY, FLAG, THUMB = "👩‍👩‍👧", "🇵🇹", "👍🏽"
LONG = (FAMILY * 4 + FLAG + THUMB + " न\u0940ला \"quoted\"\\\n\x01 ") * 60


def weight(flat: dict[str, str | float | int | bool]) -> int:
    return len(json.dumps(flat, ensure_ascii=False).encode())


def test_the_names_of_a_plain_brief() -> None:
    brief = Brief(
        feeling=Feeling(mood=Mood.ANGRY, tension=(0.5, 0.912), how_to_open="Open with an apology."), goal="Refund A-1", reason="Asked for a person",
        sentences=(Sentence(text="Amara wants a refund."), Sentence(text="It failed.")), next_step="Refund it.", draft="Hi Amara,",
        facts=(Fact(name="order number", value="A-1"),), attempts=(BriefAttempt(step="Refund", outcome=Outcome.FAILED, detail="over 25 €", times=2),),
    )
    assert essentials(brief, "https://baton.example/handoffs/1/") == {
        "version": 2, "link": "https://baton.example/handoffs/1/", "feeling": "angry", "trend": "steady", "tension": 0.91, "goal": "Refund A-1",
        "attempts": 2, "attempts_failed": 2, "facts": 1, "orders": 0, "earlier": 0, "written_by": "facts", "corrected": False,
        "reason": "Asked for a person", "next_step": "Refund it.", "summary": "Amara wants a refund. It failed.", "how_to_open": "Open with an apology.",
        "fact_order_number": "A-1", "attempt_1": "failed: Refund (over 25 €)", "draft": "Hi Amara,",
    }


def test_an_empty_brief_has_its_counts() -> None:
    assert essentials(Brief())["attempts"] == 0


@pytest.mark.parametrize("text", [LONG, "x" * 9000, "\\\"\n" * 3000, "é" * 5000, "漢字" * 3000, "\udc00" * 500, "\x01a" * 4000], ids=range(7))
def test_any_brief_is_under_four_kilobytes(text: str) -> None:
    attempts = tuple(BriefAttempt(step=text, detail=text, outcome=Outcome.FAILED) for _ in range(300))
    facts = tuple(Fact(name=f"{text[:30]}{number}", value=text) for number in range(100))
    brief = Brief(goal=text, sentences=(Sentence(text=text),), reason=text, next_step=text, draft=text, attempts=attempts, facts=facts)
    flat = essentials(brief, "https://baton.example/handoffs/1/")
    assert 2000 < weight(flat) < 4096
    assert all(isinstance(value, str | int | float | bool) for value in flat.values())
    assert {"feeling", "goal", "attempts", "reason", "next_step"} <= set(flat)


def test_the_least_important_goes_first() -> None:
    facts = tuple(Fact(name=f"fact {number}", value="é" * 120) for number in range(20))
    flat = essentials(Brief(goal="Refund", sentences=(Sentence(text="s " * 200),), facts=facts, draft="d " * 200, next_step="Refund it."))
    assert "draft" not in flat
    assert {"summary", "next_step", "fact_fact_0"} <= set(flat)


def test_a_link_is_whole_or_not_there() -> None:
    assert essentials(Brief(), "https://baton.example/" + "x" * 600)["link"] == ""


def test_what_people_see_as_one_character_is_never_cut() -> None:
    pieces = [FAMILY, FLAG, THUMB, "e\u0301", "a", " "]
    chance = Random(1)
    for _ in range(300):
        units = [chance.choice(pieces) for _ in range(20)]
        for longest in range(2, 40):
            kept = cut("".join(units), longest)
            assert len(kept) <= longest
            whole = ["".join(units[:count]).rstrip() for count in range(len(units) + 1)]
            assert kept.removesuffix("…").rstrip() in whole
