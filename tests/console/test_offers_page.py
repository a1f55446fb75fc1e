"""Offers as agents see and answer them, on pages and over the API."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from console.streams.calls import Calls
from handoffs import offers, roster, tasks
from handoffs.models import Agent, Handoff, Offer, Team
from tests.conftest import reload
from tests.console.api_caller import Caller

BILLING = frozenset({"billing"})


@pytest.fixture
def offer(handoff: Handoff, ann: Agent, teams: dict[str, Team]) -> Offer:
    """The handoff, offered to ann."""
    Team.objects.filter(code="billing").update(push=True)
    offers.deal(BILLING)
    return Offer.objects.get()


def test_an_offer_stands_on_every_page_of_its_agent_and_on_no_other(offer: Offer, ann: Agent, bob: Agent, signed_in: Any) -> None:
    hers, his = (signed_in(agent).get("/replies/").content.decode() for agent in (ann, bob))
    assert (f'data-offer="{offer.handoff_id}"' in hers, "data-offer=" in his) == (True, False)


def test_the_card_says_to_whom_it_is_offered(offer: Offer, bob: Agent, signed_in: Any) -> None:
    assert "Offered to Ann" in signed_in(bob).get("/queue/").content.decode()


def test_accepting_opens_the_desk(offer: Offer, ann: Agent, signed_in: Any) -> None:
    answer = signed_in(ann).post(f"/offers/{offer.pk}/accept/")
    assert (answer.status_code, answer["Location"], reload(offer.handoff).agent) == (303, f"/handoffs/{offer.handoff_id}/", ann)


def test_declining_leaves_one_where_one_was(offer: Offer, ann: Agent, signed_in: Any) -> None:
    here = "http://testserver/replies/"
    answer = signed_in(ann).post(f"/offers/{offer.pk}/decline/", headers={"Referer": here})
    offer.refresh_from_db()
    assert (answer["Location"], offer.outcome) == (here, "declined")


@pytest.mark.parametrize("here", ["http://testserver/queue/claim-next/", "http://testserver/nowhere/", "https://elsewhere.example/queue/", ""])
def test_where_no_page_of_ours_is_an_answer_leads_to_the_queue(here: str, offer: Offer, ann: Agent, signed_in: Any) -> None:
    answer = signed_in(ann).post(f"/offers/{offer.pk}/decline/", headers={"Referer": here})
    assert (answer.status_code, answer["Location"]) == (303, "/queue/")


def test_after_a_claim_that_was_refused_ones_status_can_still_be_set(offer: Offer, bob: Agent, signed_in: Any) -> None:
    client = signed_in(bob)
    refused = client.post(f"/handoffs/{offer.handoff_id}/claim/").content.decode()
    (here,) = set(re.findall(r'name="next" value="([^"]*)"', refused))
    answer = client.post("/availability/", {"status": "busy", "next": here}, follow=True)
    assert (answer.status_code, Agent.objects.get(pk=bob.pk).status) == (200, "busy")


def test_ones_status_is_set_without_leaving_the_search(ann: Agent, signed_in: Any) -> None:
    client = signed_in(ann)
    (here,) = set(re.findall(r'name="next" value="([^"]*)"', client.get("/search/?q=refund").content.decode()))
    assert client.post("/availability/", {"status": "busy", "next": here})["Location"] == "/search/?q=refund"


def test_what_is_offered_to_others_cannot_be_answered(offer: Offer, bob: Agent, signed_in: Any) -> None:
    answers = [signed_in(bob).post(f"/offers/{offer.pk}/{act}/").status_code for act in ("accept", "decline")]
    assert (answers, reload(offer.handoff).offered_to is not None) == ([404, 404], True)


def test_another_agents_claim_is_refused_with_the_name(offer: Offer, bob: Agent, signed_in: Any, key: Callable[..., str]) -> None:
    page = signed_in(bob).post(f"/handoffs/{offer.handoff_id}/claim/")
    status, problem = Caller(key(agent=bob)).post(f"/handoffs/{offer.handoff_id}/claim")
    assert (page.status_code, "This is offered to Ann just now" in page.content.decode()) == (409, True)
    assert (status, problem["detail"]) == (409, "This is offered to Ann just now.")


def test_too_late_the_page_says_who_has_it(offer: Offer, ann: Agent, cara: Agent, signed_in: Any) -> None:
    signed_in(cara).post(f"/handoffs/{offer.handoff_id}/claim/")
    answer = signed_in(ann).post(f"/offers/{offer.pk}/accept/")
    assert (answer.status_code, "Cara has it now." in answer.content.decode()) == (409, True)


def test_who_was_set_away_reads_it_and_comes_back(ann: Agent, signed_in: Any) -> None:
    roster.set_status(ann, "away", why=roster.MISSED)
    page = signed_in(ann)
    assert "You are set to away." in page.get("/queue/").content.decode()
    page.post("/availability/", {"status": "available"})
    assert "You are set to away." not in page.get("/queue/").content.decode()


@pytest.mark.parametrize(("next_one", "words"), [(True, "it went to the next"), (False, "it waits in the queue")], ids=["somebody", "nobody"])
def test_a_missed_offer_leaves_a_quiet_word(offer: Offer, ann: Agent, person: Callable[..., Agent], signed_in: Any, next_one: bool, words: str) -> None:
    if next_one:
        person("bob", "billing")
    Offer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    tasks.offer()
    said = " ".join(re.sub("<[^>]*>", "", Calls(str(ann.pk)).parts()["alarms"]).split())
    assert said == f"You missed an offer from Amara Osei, {words}."


def test_supervisors_alone_are_called(offer: Offer, ann: Agent, cara: Agent) -> None:
    offers.decline(offer)
    offers.alarm(reload(offer.handoff))
    shown = [Calls(str(agent.pk)).parts()["alarms"] for agent in (cara, ann)]
    assert ["Nobody takes this." in html for html in shown] == [True, False]


def test_an_agent_answers_offers_over_the_api(offer: Offer, ann: Agent, bob: Agent, key: Callable[..., str]) -> None:
    as_ann, as_bob = Caller(key(agent=ann)), Caller(key(agent=bob))
    listed = [(row["id"], row["handoff"], row["outcome"]) for row in as_ann.get("/offers")[1]["items"]]
    assert (listed, as_bob.get("/offers")[1]) == ([(offer.pk, str(offer.handoff_id), "")], {"items": []})
    assert (as_bob.post(f"/offers/{offer.pk}/decline")[0], as_bob.post(f"/offers/{offer.pk}/accept")[0]) == (404, 404)
    status, body = as_ann.post(f"/offers/{offer.pk}/accept")
    assert (status, body["state"], body["agent"]["username"]) == (200, "claimed", "ann")
    assert as_ann.post(f"/offers/{offer.pk}/decline")[0] == 409


def test_declined_over_the_api_it_is_over(offer: Offer, ann: Agent, key: Callable[..., str]) -> None:
    status, body = Caller(key(agent=ann)).post(f"/offers/{offer.pk}/decline")
    assert (status, body["outcome"], offers.open_to(ann).count()) == (200, "declined", 0)


@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999999"], ids=["none", "no number", "huge"])
def test_offers_that_are_none_are_not_found(ann: Agent, key: Callable[..., str], number: str) -> None:
    assert Caller(key(agent=ann)).post(f"/offers/{number}/accept")[0] == 404
