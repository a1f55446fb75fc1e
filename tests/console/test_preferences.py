"""Keys of one's own, kept with the agent: what fits together, what is refused, and what a page knows of it."""

from typing import Any

import pytest
from django.test import Client

from console import keys, preferences
from console.preferences import Preferences, Unfit
from handoffs import receiving
from handoffs.models import Agent, Handoff
from tests.conftest import reload


def pairs(chosen: dict[str, str]) -> set[tuple[str, str]]:
    return {(first.name, second.name) for first, second in keys.conflicts(chosen)}


def test_the_keys_fit_together_as_they_come() -> None:
    assert pairs({}) == set()


def test_a_page_has_its_own_keys_before_those_of_everywhere() -> None:
    pressed = (("wall", "m"), ("queue", "m"), ("policy", "x"), ("queue", "x"))
    assert [keys.on_page(page, {})[key] for page, key in pressed] == ["move", "sound", "wrong", "decline"]


def test_one_key_for_two_acts_of_a_page_is_a_conflict() -> None:
    assert pairs({"claim": "r"}) == {("claim", "reply")}


def test_pages_of_their_own_may_share_a_key() -> None:
    assert pairs({"right": "c", "new": "e"}) == set()


def test_a_key_of_everywhere_must_not_take_a_pages_own() -> None:
    assert pairs({"sound": "y"}) == {("right", "sound")}


def test_two_keys_may_change_places() -> None:
    assert preferences.read({"next": "k", "previous": "J"}) == {"next": "k", "previous": "j"}


def test_what_is_no_single_key_is_refused_with_words() -> None:
    with pytest.raises(Unfit) as refused:
        preferences.read({"claim": "ab", "reply": "\x07"})
    assert refused.value.errors == {"claim": "One letter, digit or sign, or nothing", "reply": "One letter, digit or sign, or nothing"}


def test_an_empty_key_is_switched_off() -> None:
    assert "claim" not in keys.on_page("queue", preferences.read({"claim": ""})).values()


@pytest.mark.parametrize("kept", [[], {"keys": []}, {"keys": {"claim": 7, "made up": "q"}}, {"sound": "yes"}, None], ids=str)
def test_what_makes_no_sense_is_as_it_comes(kept: Any) -> None:
    assert preferences.of(Agent(preferences=kept)) == Preferences()


@pytest.mark.django_db
def test_saved_preferences_stand_on_the_next_page(signed_in: Any, ann: Agent) -> None:
    client = signed_in(ann)
    answer = client.post("/me/save/", {"key.claim": "q", "single_keys": "yes", "sound": "yes", "enter_sends": "yes"})
    ann.refresh_from_db()
    assert (answer.status_code, ann.preferences["keys"], preferences.of(ann).switches["tone_risk"]) == (303, {"claim": "q"}, False)
    assert "&quot;q&quot;: &quot;claim&quot;" in client.get("/queue/").content.decode()


@pytest.mark.django_db
def test_a_conflict_keeps_nothing_and_says_where(signed_in: Any, ann: Agent) -> None:
    answer = signed_in(ann).post("/me/save/", {"key.claim": "r", "key.reply": "r"})
    ann.refresh_from_db()
    page = answer.content.decode()
    assert (answer.status_code, ann.preferences, page.count("R is “"), page.count('aria-invalid="true"')) == (422, {}, 2, 2)


@pytest.mark.django_db
def test_keys_go_back_alone(signed_in: Any, ann: Agent) -> None:
    preferences.save(ann, {"notify": True}, {"claim": "q"})
    signed_in(ann).post("/me/keys/reset/", {"key.claim": "q"})
    ann.refresh_from_db()
    assert (preferences.of(ann).keys, preferences.of(ann).switches["notify"]) == ({}, True)


@pytest.mark.django_db
def test_one_switch_is_turned_and_none_is_made_up(signed_in: Any, ann: Agent) -> None:
    client = signed_in(ann)
    answers = [client.post("/me/switch/", {"name": name, "on": ""}).status_code for name in ("sound", "is_supervisor")]
    ann.refresh_from_db()
    assert (answers, ann.preferences, ann.is_supervisor) == ([204, 400], {"sound": False}, False)


@pytest.mark.django_db
def test_only_a_desk_may_stand_in_a_frame_and_only_in_ours(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    client = signed_in(ann)
    desk, queue = client.get(f"/handoffs/{claimed.pk}/?framed"), client.get("/queue/")
    assert [page["X-Frame-Options"] for page in (desk, queue)] == ["SAMEORIGIN", "DENY"]
    assert ["frame-ancestors 'self'" in page["Content-Security-Policy"] for page in (desk, queue)] == [True, False]
    assert "frame-ancestors 'none'" in queue["Content-Security-Policy"]


@pytest.mark.django_db
def test_a_framed_desk_has_no_queue_and_hears_of_itself_alone(claimed: Handoff, ann: Agent) -> None:
    client = Client(headers={"Sec-Fetch-Dest": "iframe"})
    client.force_login(ann)
    page = client.get(f"/handoffs/{claimed.pk}/")
    assert (page.context["panels"]["names"], 'id="queue-list"' in page.content.decode()) == (f"desk:{claimed.pk}", False)


@pytest.mark.django_db
def test_only_what_one_holds_is_opened_beside(signed_in: Any, ann: Agent, bob: Agent, claimed: Handoff, hand_off: Any) -> None:
    mine, theirs, waiting = hand_off(), hand_off(), hand_off()
    receiving.claim(reload(mine), ann)
    receiving.claim(reload(theirs), bob)
    client = signed_in(ann)
    opened = [client.get(f"/handoffs/{claimed.pk}/?beside={other}").context["beside"] for other in (mine.pk, theirs.pk, waiting.pk, claimed.pk, "nonsense")]
    assert opened == [mine, None, None, None, None]
