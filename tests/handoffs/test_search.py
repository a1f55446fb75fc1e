"""Finding conversations by their words: what is found, in which order, and that no query breaks it. The same on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handoffs import search, turns
from handoffs.models import Customer, Handoff, Turn
from handoffs.search import tables
from handoffs.search.phrases import Piece, phrases, pieces

Make = Callable[..., Handoff]


def found(query: str, after: str = "") -> list[Handoff]:
    return [hit.handoff for hit in search.find(Handoff.objects.all(), query, after=after).hits]


@pytest.mark.parametrize("query", ["REFUND", "refu", "A-20817", "a20817 nothing", "20817", "amara", "osei charged", '"charged twice"',
                                   "amara@example.com", "c-"])
def test_words_beginnings_names_and_ids_are_found(handoff: Handoff, query: str) -> None:
    assert found(query) == ([] if "nothing" in query else [handoff])


@pytest.mark.parametrize("query", ["fund", "20818", '"twice charged"', "refund bicycle", "joined"])
def test_what_was_not_said_is_not_found(claimed: Handoff, query: str) -> None:
    assert found(query) == []


def test_accents_and_signs_do_not_count(handoff: Handoff) -> None:
    Customer.objects.update(name="Núñez O’Neil")
    turns.take(handoff.conversation, "Die Straße heißt “Ørsted-Allee” in ÉCOLE, Жизнь", client_id="m")
    assert [found(query) for query in ("nunez", "NÚÑEZ", "ecole", "école", "straße", "жизнь", "o'neil", "orsted-allee")] == [[handoff]] * 7 + [[]]


def test_what_it_is_about_comes_first_then_the_newest(hand_off: Make) -> None:
    about, older = hand_off(), hand_off()
    newer = hand_off()
    Handoff.objects.filter(pk__in=[older.pk, newer.pk]).update(goal="Something else")
    Turn.objects.filter(conversation__in=[older.conversation_id, newer.conversation_id], number=1).update(text="I want a refund")
    Handoff.objects.filter(pk=about.pk).update(goal="Refund", created_at=about.created_at - timedelta(days=9))
    assert found("refund") == [about, newer, older]


def test_pages_go_on_where_the_last_ended(hand_off: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PAGE", 2)
    made, after, seen = {hand_off().pk for _ in range(5)}, "", []
    while True:
        page = search.find(Handoff.objects.all(), "refund", after=after)
        seen += [hit.handoff.pk for hit in page.hits]
        hand_off()  # what arrives meanwhile shifts nothing
        if not (after := page.after):
            break
    assert (len(seen), set(seen)) == (5, made)


BROKEN = (
    '"', '""', "' OR 1=1 --", "a:* & !b | (c", "NEAR(a b)", "words : x", "-", "*", "^a", "x" * 10_000, "a " * 5_000, "👩\u200d👧 🎉", "\x00refund",
    "\ud800", "%s %d %", "{}", "\\", "AND OR NOT", "co\u200blumn", "ﬀ İ ẞ", "٣ ٢", "²",
)


@pytest.mark.parametrize("query", BROKEN, ids=lambda query: ascii(query)[:20])
def test_no_query_breaks_it(handoff: Handoff, query: str) -> None:
    assert isinstance(found(query), list)


@pytest.mark.parametrize("after", ["", "x", "1~2~3", "1~2026-01-01T00:00:00+00:00~zz", "~~", "\x00", "1~" + "9" * 5000 + "~a"],
                         ids=lambda after: ascii(after)[:12])
def test_a_key_that_is_none_begins_at_the_beginning(handoff: Handoff, after: str) -> None:
    assert found("refund", after) == [handoff]


def test_the_cost_does_not_grow_with_what_is_found(hand_off: Make) -> None:
    counts = []
    for _ in range(3):
        hand_off()
        with CaptureQueriesContext(connection) as queries:
            found("refund order")
        counts.append(len(queries))
    assert counts == [3, 3, 3]


def test_the_words_said_are_shown(handoff: Handoff) -> None:
    hit = search.find(Handoff.objects.all(), "twice").hits[0]
    assert hit.turn is not None
    assert (hit.turn.number, [piece.text for piece in hit.said if piece.found]) == (1, ["twice"])


def test_many_at_once_changed_ones_and_gone_ones_are_followed(handoff: Handoff) -> None:
    Turn.objects.bulk_create(Turn(conversation=handoff.conversation, number=100 + n, author="customer", text=f"zebra number{n}") for n in range(50))
    Turn.objects.filter(number=100).update(text="giraffe")
    Handoff.objects.filter(pk=handoff.pk).update(goal="Elephant")
    Customer.objects.update(name="Walter Walrus")
    seen = [bool(found(word)) for word in ("number49", "giraffe", "elephant", "walrus", "number0", "osei")]
    Turn.objects.filter(number=149).delete()
    assert (seen, found("number49")) == ([True] * 4 + [False] * 2, [])


def test_a_handoff_that_is_gone_is_not_found(handoff: Handoff) -> None:
    handoff.delete()
    assert found("refund") == []


def test_sqlites_words_are_made_anew_when_they_were_lost(handoff: Handoff) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has indexes")
    tables.make_way("default", plan=["a migration"])
    Turn.objects.filter(conversation=handoff.conversation, number=1).update(text="zebra")
    tables.install("default")
    assert (found("zebra"), found("twice zebra"), found("amara")) == ([handoff], [handoff], [handoff])


@pytest.mark.parametrize("at", ["yesterday", "0001-01-01T00:00:00+14:00", "2026-11-21T10:00:00"], ids=["no date", "before all dates", "without a zone"])
def test_a_key_somebody_made_up_breaks_nothing(handoff: Handoff, at: str) -> None:
    assert found("refund", after=f"1~{at}~{handoff.pk.hex}") in ([handoff], [])


def test_every_phrase_counts_once_and_there_are_a_few() -> None:
    assert (phrases('Refund refund "order  LATE" A-20817'), len(phrases("a b c d e f g h i j"))) == ((("refund",), ("order", "late"), ("a", "20817")), 8)


def test_pieces_are_the_text_itself() -> None:
    text = "x " * 100 + "Núñez said: A-20817!" + " y" * 100
    got = pieces(text, phrases("nunez a-208"))
    assert [piece.text for piece in got if piece.found] == ["Núñez", "A-20817"]
    assert "".join(piece.text for piece in got).strip("… ") in text
    assert pieces("<b>", ()) == (Piece("<b>"),)
    assert pieces("Unfortunately " + "b " * 36 + "word", phrases("word"))[0].text.startswith("Unfortunately")


def test_without_words_it_is_whatever_was_asked_among(handoff: Handoff) -> None:
    assert (found(""), found("!?")) == ([handoff], [handoff])
