"""The page of canned replies and what / offers: who sees what, what is refused, and that nothing typed is lost."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from handoffs import canned, copilot, receiving, turns
from handoffs.canned import Written
from handoffs.models import Agent, Assistant, CannedReply, Conversation, Handoff, ProposalRecord, Team
from handoffs.snapshots import Proposal
from tests.conftest import reload
from tests.console.api_caller import Caller, said

SIGN_IN = Callable[[Agent], Client]
HELLO = {"team": "billing", "shortcut": "hello", "title": "Hello", "text": "Hi {{ customer }}, about {{ order number }}:"}


@pytest.fixture
def mine(signed_in: SIGN_IN, ann: Agent) -> Client:
    return signed_in(ann)


def body(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_handoff_offers_its_replies_filled_in_to_who_may_see_it(mine: Client, signed_in: SIGN_IN, claimed: Handoff, dan: Agent, ann: Agent) -> None:
    canned.save(ann, Written(**{**HELLO, "text": "Hi {{ customer }}, <b>{{ plan }}</b>"}))
    html = mine.get(f"/handoffs/{claimed.pk}/replies/").content.decode()
    assert 'data-text="Hi Amara, &lt;b&gt;[plan]&lt;/b&gt;" data-gaps="[plan]\n"' in html
    assert signed_in(dan).get(f"/handoffs/{claimed.pk}/replies/").status_code == 404
    assert Client().get(f"/handoffs/{claimed.pk}/replies/").status_code == 302


def test_a_reply_is_added_changed_and_deleted(mine: Client, ann: Agent) -> None:
    assert "No replies yet" in body(mine.get("/replies/"))
    made = mine.post("/replies/save/", HELLO)
    reply = CannedReply.objects.get()
    assert (made.status_code, made.url, reply.text, reply.changed_by) == (303, f"/replies/{reply.pk}/", HELLO["text"], ann)
    assert HELLO["text"] in body(mine.get(made.url))
    mine.post(f"/replies/{reply.pk}/save/", {**HELLO, "shortcut": "hi", "mark": canned.mark(reply)})
    reply.refresh_from_db()
    assert reply.shortcut == "hi"
    assert mine.post(f"/replies/{reply.pk}/delete/", {"mark": canned.mark(reply)}).status_code == 303
    assert not CannedReply.objects.exists()


def test_what_cannot_be_kept_comes_back_with_words_beside_it(mine: Client, teams: dict[str, Team]) -> None:
    answer = mine.post("/replies/save/", {**HELLO, "shortcut": "Not\x00 this"})
    assert (answer.status_code, CannedReply.objects.count()) == (422, 0)
    assert '<span class="wrong" id="reply-shortcut-wrong">Small letters, digits and hyphens, as late-parcel.</span>' in body(answer)
    assert HELLO["text"] in body(answer)


def test_a_change_made_meanwhile_is_shown_and_nothing_typed_is_lost(mine: Client, ann: Agent, bob: Agent) -> None:
    reply = canned.save(ann, Written(**HELLO))
    seen = canned.mark(reply)
    canned.save(bob, Written(**{**HELLO, "text": "Bob’s words"}), reply=reply, seen=seen)
    answer = mine.post(f"/replies/{reply.pk}/save/", {**HELLO, "text": "Ann’s words", "mark": seen})
    now = CannedReply.objects.get()
    assert (answer.status_code, now.text) == (409, "Bob’s words")
    assert all(words in body(answer) for words in ("Bob’s words", "Ann’s words", f'name="mark" value="{canned.mark(now)}"'))
    assert mine.post(f"/replies/{reply.pk}/delete/", {"mark": seen}).status_code == 409
    now.delete()
    gone = mine.post(f"/replies/{reply.pk}/save/", {**HELLO, "text": "Ann’s words", "mark": seen})
    assert (gone.status_code, "Ann’s words" in body(gone), 'action="/replies/save/"' in body(gone)) == (409, True, True)


def test_other_teams_replies_do_not_exist_and_everybodys_are_the_leads(mine: Client, signed_in: SIGN_IN, dan: Agent, cara: Agent) -> None:
    theirs = canned.save(dan, Written("technical", "restart", "Restart", "Please restart it."))
    everybodys = canned.save(cara, Written("", "bye", "Goodbye", "Goodbye."))
    values = {**HELLO, "mark": canned.mark(everybodys)}
    answers = [mine.get(f"/replies/{theirs.pk}/"), mine.post(f"/replies/{theirs.pk}/delete/"), mine.post(f"/replies/{everybodys.pk}/save/", values),
               mine.post(f"/replies/{everybodys.pk}/delete/", values)]
    assert [answer.status_code for answer in answers] == [404, 404, 403, 403]
    assert "leads change it" in body(mine.get(f"/replies/{everybodys.pk}/"))
    assert signed_in(cara).get(f"/replies/{theirs.pk}/").status_code == 200
    assert CannedReply.objects.count() == 2


def test_the_page_asks_for_signing_in_and_a_token(ann: Agent, mine: Client) -> None:
    assert Client().get("/replies/").status_code == 302
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ann)
    assert careful.post("/replies/save/", HELLO).status_code == 403
    assert (mine.get("/replies/save/").status_code, CannedReply.objects.count()) == (405, 0)


# --- A copilot's draft on the desk and over the API ---------------------------------------------------------------------


@pytest.fixture
def drafted(juniper: Assistant, claimed: Handoff) -> ProposalRecord:
    """A draft for the handoff ann has."""
    Assistant.objects.update(copilot=True)
    sources = ({"title": "Refunds", "url": "javascript:alert(1)"},)
    conversation = Conversation.objects.get(pk=claimed.conversation_id)
    turns.propose(conversation, Proposal("It comes <b>back</b>.", confidence=0.91, intent="refund", sources=sources), client_id="d")
    draft = copilot.waiting_draft(reload(claimed))
    assert draft is not None
    return draft


def test_the_desk_shows_the_draft_with_its_sources_and_how_sure_it_is(mine: Client, claimed: Handoff, drafted: ProposalRecord) -> None:
    page = mine.get(f"/handoffs/{claimed.pk}/").content.decode()
    assert f'id="draft-{claimed.pk}" aria-label="Draft of Juniper" data-draft="{drafted.pk}"' in page
    assert 'data-use-draft="It comes &lt;b&gt;back&lt;/b&gt;."' in page
    assert '<span class="num">0.91</span>' in page
    assert 'href="javascript' not in page


def test_a_draft_made_before_the_newest_words_says_so(mine: Client, claimed: Handoff, drafted: ProposalRecord) -> None:
    assert "before Amara wrote again" not in body(mine.get(f"/handoffs/{claimed.pk}/"))
    turns.take(Conversation.objects.get(pk=claimed.conversation_id), "And one more thing")
    assert "before Amara wrote again" in body(mine.get(f"/handoffs/{claimed.pk}/"))


def test_what_the_composer_sends_reviews_the_draft(mine: Client, claimed: Handoff, drafted: ProposalRecord) -> None:
    mine.post(f"/handoffs/{claimed.pk}/turns/", {"text": drafted.text, "client_id": "x", "draft": drafted.pk}, headers={"Accept": "application/json"})
    drafted.refresh_from_db()
    assert drafted.review == "approved"
    assert f'id="draft-{claimed.pk}" aria-label="Draft of Juniper" hidden' in mine.get(f"/handoffs/{claimed.pk}/").content.decode()


def test_rejecting_is_for_who_holds_it(mine: Client, signed_in: SIGN_IN, claimed: Handoff, drafted: ProposalRecord, bob: Agent, dan: Agent) -> None:
    address, words = f"/handoffs/{claimed.pk}/draft/reject/", {"draft": drafted.pk, "why": "Wrong country"}
    assert [signed_in(other).post(address, words).status_code for other in (bob, dan)] == [409, 404]
    assert [mine.post(address, words).status_code for _ in range(2)] == [303, 403]
    assert mine.post(address, {"draft": "99999999999999999999"}).status_code == 403
    drafted.refresh_from_db()
    assert drafted.review == "rejected"
    assert "Wrong country" in body(mine.get(f"/handoffs/{claimed.pk}/"))


def test_an_assistant_learns_over_the_api_that_its_turn_is_a_draft(juniper: Assistant, key: Callable[..., str], claimed: Handoff) -> None:
    caller, address = Caller(key(assistant=juniper)), f"/conversations/{claimed.conversation_id}/turns"
    epoch = caller.get(f"/conversations/{claimed.conversation_id}")[1]["epoch"]
    assert caller.post(address, said("It comes back.", 7, "assistant", epoch=epoch))[0] == 409
    Assistant.objects.update(copilot=True)
    status, answer = caller.post(address, said("It comes back.", 8, "assistant", epoch=epoch))
    assert (status, answer["turn"]["delivered"], answer["turn"]["number"], answer["epoch"]) == (201, False, None, epoch)
    assert answer["decision"] == {"action": "draft", "trigger": None, "evidence": {}, "handoff": {"id": str(claimed.pk), "state": "claimed", "team": "billing"}}
    assert caller.post(address, said("It comes back.", 9, "assistant", epoch=epoch - 1))[0] == 409
    assert caller.post(address, said("", 10, "assistant", failed={"reason": "no idea"}))[1]["decision"]["action"] == "none"
    receiving.resolve(reload(claimed), claimed.agent)
    assert caller.post(address, said("It comes back.", 11, "assistant"))[0] == 409
