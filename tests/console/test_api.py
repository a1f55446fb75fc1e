"""The HTTP API as assistants and agents use it: every verb, every status, and who may see what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from handoffs import addresses, handback
from handoffs.models import Agent, ApiKey, Assistant, Conversation, Customer, Handoff, Letter, Team, Turn
from handoffs.snapshots import Source
from tests.conftest import reload
from tests.console.api_caller import Caller, said
from tests.servers import wait_for

NEW = {"external_id": "chat-1", "customer": {"external_id": "u-17", "name": "Amara Osei"}}
TWICE = "I was charged twice, please refund order A-20817"


@pytest.fixture
def assistant(juniper: Assistant, key: Callable[..., str], teams: dict[str, Team]) -> Caller:
    return Caller(key(assistant=juniper))


@pytest.fixture
def rival(db: None, key: Callable[..., str]) -> Caller:
    """Another company's assistant."""
    return Caller(key(assistant=Assistant.objects.create(code="rival", name="Rival")))


@pytest.fixture
def as_ann(ann: Agent, key: Callable[..., str]) -> Caller:
    return Caller(key(agent=ann))


@pytest.fixture
def as_bob(bob: Agent, key: Callable[..., str]) -> Caller:
    return Caller(key(agent=bob))


def path(row: Conversation | Handoff, verb: str = "") -> str:
    kind = "conversations" if isinstance(row, Conversation) else "handoffs"
    return f"/{kind}/{row.pk}" + (f"/{verb}" if verb else "")


# Conversations


def test_a_conversation_begins_with_the_assistant_that_opened_it(assistant: Caller) -> None:
    status, body = assistant.post("/conversations", NEW)
    assert (status, body["owner"], body["epoch"]) == (201, {"kind": "assistant", "code": "juniper", "name": "Juniper"}, 1)
    assert body["customer_url"] == addresses.url(Conversation.objects.get().pk)


def test_the_same_external_id_is_the_same_conversation(assistant: Caller) -> None:
    first, second = assistant.post("/conversations", NEW), assistant.post("/conversations", NEW)
    assert (first[0], second[0], first[1]) == (201, 200, second[1])
    assert Conversation.objects.count() == 1


def test_a_repeat_updates_only_the_given_fields_of_the_customer(assistant: Caller) -> None:
    assistant.post("/conversations", {**NEW, "customer": {**NEW["customer"], "tier": "plus"}})
    assistant.post("/conversations", {**NEW, "customer": {"external_id": "u-17", "email": "amara@example.com", "name": None}})
    customer = Customer.objects.get()
    assert (customer.name, customer.tier, customer.email) == ("Amara Osei", "plus", "amara@example.com")


def test_an_external_id_stays_with_its_customer(assistant: Caller) -> None:
    assistant.post("/conversations", NEW)
    status, body = assistant.post("/conversations", {**NEW, "customer": {"external_id": "u-18"}})
    assert (status, body["errors"][0]["field"], Customer.objects.count()) == (422, "customer.external_id", 1)


def test_two_assistants_may_use_the_same_external_id(assistant: Caller, rival: Caller) -> None:
    assert assistant.post("/conversations", NEW)[1]["id"] != rival.post("/conversations", NEW)[1]["id"]


def test_front_desk_may_be_asked_to_answer(assistant: Caller) -> None:
    body = assistant.post("/conversations", {**NEW, "assistant": "front_desk"})[1]
    assert (body["owner"]["code"], Conversation.objects.get().answered_by.plugin) == ("front_desk", "front_desk")


def test_words_go_by_email_where_the_conversation_is_by_email(assistant: Caller, ann: Agent) -> None:
    by_email = {"external_id": "mail-1", "medium": "email", "customer": {"external_id": "u-17", "email": "amara@example.com"}}
    body = assistant.post("/conversations", by_email)[1]
    assistant.post(f"/conversations/{body['id']}/turns", said("Can I talk to a real person?"))
    assert [letter.to for letter in Letter.objects.all()] == ["amara@example.com"]


def test_a_conversation_by_email_needs_an_address(assistant: Caller) -> None:
    status, body = assistant.post("/conversations", {**NEW, "medium": "email"})
    assert (status, body["errors"][0]["field"], Conversation.objects.count(), Customer.objects.count()) == (422, "customer.email", 0, 0)


def test_an_unknown_assistant_cannot_be_asked_to_answer(assistant: Caller) -> None:
    status, body = assistant.post("/conversations", {**NEW, "assistant": "rival"})
    assert (status, body["errors"][0]["field"], Customer.objects.count()) == (422, "assistant", 0)


def test_a_conversation_can_be_read(assistant: Caller, handoff: Handoff) -> None:
    status, body = assistant.get(path(handoff.conversation))
    assert (status, body["owner"]["kind"], body["owner"]["name"]) == (200, "team", "Plans and billing")
    assert body["handoff"] == {"id": str(handoff.pk), "state": "waiting", "team": "billing"}


# Turns and decisions


def test_a_customers_words_are_taken(assistant: Caller, conversation: Conversation) -> None:
    status, body = assistant.post(path(conversation, "turns"), said("Where is my order?", intent="order_status"))
    assert (status, body["epoch"], body["turn"]["number"], body["turn"]["delivered"]) == (201, 1, 1, True)
    assert body["decision"] == {"action": "answer", "trigger": None, "evidence": {}, "handoff": None}
    assert Turn.objects.get().intent == "order_status"


def test_a_customer_who_asks_for_a_person_is_handed_over(assistant: Caller, conversation: Conversation) -> None:
    body = assistant.post(path(conversation, "turns"), said("Can I talk to a real person?"))[1]
    handoff = Handoff.objects.get()
    assert (body["decision"]["action"], body["decision"]["trigger"], body["epoch"]) == ("hand_off", "explicit_request", 2)
    assert body["decision"]["handoff"] == {"id": str(handoff.pk), "state": "waiting", "team": "general"}


def test_a_sure_answer_is_delivered(assistant: Caller, conversation: Conversation) -> None:
    body = assistant.post(path(conversation, "turns"), said("It ships today.", author="assistant", confidence=0.93, epoch=1,
                                                            sources=[{"title": "Shipping", "url": "https://example.com/ship"}]))[1]
    assert (body["decision"]["action"], body["turn"]["delivered"], body["turn"]["number"]) == ("answer", True, 1)
    assert Turn.objects.get().sources == [{"title": "Shipping", "url": "https://example.com/ship"}]


def test_an_unsure_answer_is_held_for_a_clarifying_question(assistant: Caller, conversation: Conversation) -> None:
    held = assistant.post(path(conversation, "turns"), said("Maybe.", author="assistant", confidence=0.8))[1]
    assert (held["decision"]["action"], held["decision"]["trigger"]) == ("clarify", "low_confidence")
    assert (held["turn"]["number"], held["turn"]["delivered"], held["turn"]["text"]) == (None, False, "Maybe.")
    asked = assistant.post(path(conversation, "turns"), said("Which order?", 2, author="assistant", clarifying=True))[1]
    assert (asked["decision"]["action"], asked["turn"]["clarifying"]) == ("answer", True)


def test_an_unfounded_answer_is_never_delivered(assistant: Caller, conversation: Conversation) -> None:
    assistant.post(path(conversation, "turns"), said(TWICE))
    tried = [{"step": "Refund", "detail": "over the limit", "outcome": "refused", "shown": True}]
    body = assistant.post(path(conversation, "turns"), said("Surely.", 2, author="assistant", confidence=0.3, attempts=tried, facts={"amount": "40 €"}))[1]
    assert (body["decision"]["action"], body["turn"]["number"]) == ("hand_off", None)
    assert [turn.author for turn in conversation.turns.all()] == ["customer", "waiting_room"]
    brief = Handoff.objects.get().brief
    assert ([a["step"] for a in brief["attempts"]], "amount" in [f["name"] for f in brief["facts"]]) == (["Refund"], True)


def test_an_assistant_that_says_it_failed_is_relieved(assistant: Caller, conversation: Conversation) -> None:
    body = assistant.post(path(conversation, "turns"), said("", author="assistant", failed={"reason": "no such account"}))[1]
    assert (body["decision"]["action"], body["decision"]["trigger"]) == ("hand_off", "assistant_failed")


@pytest.mark.parametrize("turn", [said("Can I talk to a real person?"), said("Sure.", author="assistant", confidence=0.2), said(TWICE)])
def test_a_repeated_client_id_is_answered_as_the_first_time(assistant: Caller, conversation: Conversation, turn: dict[str, Any]) -> None:
    first, second = assistant.post(path(conversation, "turns"), turn), assistant.post(path(conversation, "turns"), turn)
    assert (second[0], second[1]["decision"], second[1]["turn"]["number"]) == (201, first[1]["decision"], first[1]["turn"]["number"])


def test_an_old_message_is_dated_when_it_was_said(assistant: Caller, conversation: Conversation) -> None:
    assistant.post(path(conversation, "turns"), said(at="2024-05-04T09:30:00+02:00"))
    assert Turn.objects.get().at.isoformat() == "2024-05-04T07:30:00+00:00"


def test_an_old_date_does_not_make_a_conversation_idle(assistant: Caller, conversation: Conversation) -> None:
    assistant.post(path(conversation, "turns"), said(at="2024-05-04T09:30:00+02:00"))
    conversation.refresh_from_db()
    assert timezone.now() - conversation.last_turn_at < timedelta(minutes=1)


def test_a_repeat_from_a_fast_clock_still_names_its_handoff(assistant: Caller, conversation: Conversation) -> None:
    ahead = said("Can I talk to a real person?", at=(timezone.now() + timedelta(minutes=5)).isoformat())
    first, second = assistant.post(path(conversation, "turns"), ahead), assistant.post(path(conversation, "turns"), ahead)
    assert first[1]["decision"] == second[1]["decision"]


# Epochs


def test_a_stale_epoch_is_refused_and_nothing_is_stored(assistant: Caller, conversation: Conversation) -> None:
    status, body = assistant.post(path(conversation, "turns"), said("Hi.", author="assistant", epoch=7))
    assert (status, body["type"], body["owner"], body["epoch"]) == (409, "/problems/stale", {"kind": "assistant", "code": "juniper", "name": "Juniper"}, 1)
    assert (Turn.objects.count(), conversation.proposals.count()) == (0, 0)


def test_an_assistant_cannot_talk_over_an_agent(assistant: Caller, claimed: Handoff) -> None:
    before = claimed.conversation.turns.count()
    status, body = assistant.post(path(claimed.conversation, "turns"), said("Me again.", 9, author="assistant", confidence=1.0))
    assert (status, body["owner"], body["epoch"]) == (409, {"kind": "agent", "name": "Ann"}, claimed.conversation.epoch)
    assert claimed.conversation.turns.count() == before


def test_a_customer_is_heard_whatever_the_epoch(assistant: Caller, claimed: Handoff) -> None:
    status, body = assistant.post(path(claimed.conversation, "turns"), said("Are you there?", 9, epoch=1))
    assert (status, body["decision"]["action"]) == (201, "none")


def test_a_closed_conversation_takes_no_words(assistant: Caller, conversation: Conversation) -> None:
    assert handback.close_idle(conversation)
    for author in ("customer", "assistant"):
        status, body = assistant.post(path(conversation, "turns"), said(author=author))
        assert (status, body["owner"]) == (409, {"kind": "nobody"})
    assert Turn.objects.count() == 0


def test_a_decision_names_everything_that_was_found_and_what_it_asks(assistant: Caller, conversation: Conversation) -> None:
    words = "Please cancel my plan, or my lawyer will call. Get me a real person"
    decision = assistant.post(path(conversation, "turns"), said(words))[1]["decision"]
    assert [(found["trigger"], found["question"]) for found in decision["detections"]] == [
        ("explicit_request", "asked"), ("out_of_scope", "should"), ("high_stakes", "should"),
    ]
    assert decision["detections"][1]["evidence"] == {"topic": "legal_threat", "words": "my lawyer"}
    assert assistant.post(path(conversation, "turns"), said(words))[1]["decision"] == decision
    kept = assistant.get(f"/handoffs/{decision['handoff']['id']}")[1]["detections"]
    assert [(found["reason"], found["question"]) for found in kept][1:] == [("Out of scope: legal threat", "should"), ("High stakes: cancellation", "should")]


def test_an_answer_is_held_against_the_texts_of_its_sources(assistant: Caller, conversation: Conversation) -> None:
    assistant.post(path(conversation, "turns"), said("How long does a refund take?"))
    source = {"title": "Refunds", "text": "A refund takes two days."}
    fine = assistant.post(path(conversation, "turns"), said("It takes 2 days.", 2, author="assistant", confidence=0.95, sources=[source]))[1]
    assert (fine["decision"]["action"], fine["turn"]["sources"]) == ("answer", [{"title": "Refunds"}])
    made_up = assistant.post(path(conversation, "turns"), said("It takes 9 days.", 3, author="assistant", confidence=0.95, sources=[source]))[1]
    assert (made_up["decision"]["trigger"], made_up["decision"]["evidence"]["missing"]) == ("ungrounded", ["9 days"])
    assert Handoff.objects.get().what_to_know.sources == (Source(title="Refunds"),)


# Handing over by the assistant's own decision


def test_an_assistant_may_decide_to_hand_over(assistant: Caller, conversation: Conversation) -> None:
    status, body = assistant.post(path(conversation, "handoff"), {"reason": "Wants an exception", "note": "Return is 40 days old", "urgency": "high"})
    assert (status, body["state"], body["trigger"], body["priority"]) == (201, "waiting", "assistant_decided", 1)
    assert (body["detection"]["reason"], body["steps"][0]["note"]) == ("Wants an exception", "Return is 40 days old")
    assert assistant.get(f"/handoffs/{body['id']}") == (200, body)


@pytest.mark.django_db(transaction=True)
def test_who_hands_over_to_a_team_that_gives_work_out_reads_to_whom(assistant: Caller, conversation: Conversation, person: Callable[..., Agent]) -> None:
    person("ann", "general")
    Team.objects.update(push=True)
    body = assistant.post(path(conversation, "handoff"), {"reason": "Wants an exception"})[1]
    assert [step["verb"] for step in body["steps"]] == ["handed_off", "offered"]
    assert assistant.get(f"/handoffs/{body['id']}") == (200, body)


def test_nobody_hands_over_a_conversation_of_another_assistant(rival: Caller, conversation: Conversation) -> None:
    assert rival.post(path(conversation, "handoff"), {"reason": "Now"})[0] == 404
    assert Handoff.objects.count() == 0


def test_a_second_handoff_is_refused_with_the_owner(assistant: Caller, handoff: Handoff) -> None:
    status, body = assistant.post(path(handoff.conversation, "handoff"), {"reason": "Again"})
    assert (status, body["owner"]["code"], Handoff.objects.count()) == (409, "billing", 1)


def test_deciding_on_a_stale_epoch_is_refused(assistant: Caller, conversation: Conversation) -> None:
    assert assistant.post(path(conversation, "handoff"), {"reason": "Now", "epoch": 5})[0] == 409
    assert Handoff.objects.count() == 0


# Reading turns


def test_turns_are_read_after_a_number(assistant: Caller, handoff: Handoff) -> None:
    status, body = assistant.get(path(handoff.conversation, "turns?after=2"))
    assert (status, body["last_number"], body["epoch"], body["owner"]["kind"]) == (200, 3, 2, "team")
    assert [(turn["number"], turn["author"], turn["kind"]) for turn in body["turns"]] == [(3, "waiting_room", "handed_off")]


def test_at_most_500_turns_come_at_once(assistant: Caller, conversation: Conversation) -> None:
    Turn.objects.bulk_create(Turn(conversation=conversation, number=n, author="customer", text="Hi") for n in range(1, 503))
    Conversation.objects.update(last_number=502)
    numbers = [turn["number"] for turn in assistant.get(path(conversation, "turns"))[1]["turns"]]
    assert (len(numbers), numbers[-1]) == (500, 500)


# Agents


def test_agents_see_the_handoffs_of_their_teams(as_ann: Caller, handoff: Handoff, dan: Agent, cara: Agent, key: Callable[..., str]) -> None:
    for caller, ids in ((as_ann, [str(handoff.pk)]), (Caller(key(agent=dan)), []), (Caller(key(agent=cara)), [str(handoff.pk)])):
        assert [row["id"] for row in caller.get("/handoffs?state=waiting&team=billing")[1]["items"]] == ids


def test_handoffs_are_paged(as_ann: Caller, hand_off: Callable[..., Handoff]) -> None:
    made = [hand_off(), hand_off(), hand_off()]
    body = as_ann.get("/handoffs?state=waiting&page=2&page_size=2")[1]
    assert (body["count"], body["pages"], [row["id"] for row in body["items"]]) == (3, 2, [str(made[2].pk)])


def test_a_handoff_shows_its_brief_and_steps(as_ann: Caller, handoff: Handoff) -> None:
    status, body = as_ann.get(path(handoff))
    assert (status, body["state"], body["team"]["code"], body["conversation"]) == (200, "waiting", "billing", str(handoff.conversation_id))
    assert (body["detection"]["trigger"], [(step["verb"], step["epoch"]) for step in body["steps"]]) == ("explicit_request", [("handed_off", 2)])
    assert "A-20817" in body["brief"]["goal"]


def test_the_brief_is_described_and_typed(as_ann: Caller, handoff: Handoff) -> None:
    brief = as_ann.get(path(handoff))[1]["brief"]
    assert brief["summary"] == " ".join(sentence["text"] for sentence in brief["sentences"])
    schemas = as_ann.get("/openapi.json")[1]["components"]["schemas"]
    assert schemas["HandoffShown"]["properties"]["brief"] == {"$ref": "#/components/schemas/BriefShown"}
    described = schemas["BriefShown"]["properties"]
    assert (set(described), described["version"]["const"]) == (set(brief), 2)


def test_the_essentials_are_flat_and_only_for_who_may_see_the_handoff(as_ann: Caller, handoff: Handoff, dan: Agent, key: Callable[..., str]) -> None:
    status, flat = as_ann.get(path(handoff, "essentials"))
    assert (status, flat["goal"], flat["link"]) == (200, handoff.goal, f"{settings.BASE_URL}/handoffs/{handoff.pk}/")
    assert all(isinstance(value, str | int | float | bool) for value in flat.values())
    assert Caller(key(agent=dan)).get(path(handoff, "essentials"))[0] == 404


def test_an_agent_does_the_whole_job(as_ann: Caller, assistant: Caller, handoff: Handoff) -> None:
    assert as_ann.post(path(handoff, "claim"))[1]["state"] == "claimed"
    status, body = as_ann.post(path(handoff, "turns"), {"text": "I refund it now.", "client_id": "a-1"})
    assert (status, body["turn"]["author"], body["turn"]["name"]) == (201, "agent", "Ann")
    assert as_ann.post(path(handoff, "turns"), {"text": "I refund it now.", "client_id": "a-1"})[1] == body
    assert as_ann.post(path(handoff, "resolve"), {"resolution": "Refunded"})[1]["state"] == "resolved"
    assert as_ann.post(path(handoff, "hand_back"))[1]["state"] == "handed_back"
    status, body = as_ann.post(path(handoff, "turns"), {"text": "One more thing"})
    assert (status, body["owner"]["kind"]) == (409, "assistant")
    assert assistant.post(path(handoff.conversation, "turns"), said("All done.", 9, author="assistant", confidence=0.95))[0] == 201


def test_an_agent_releases(as_ann: Caller, claimed: Handoff) -> None:
    status, body = as_ann.post(path(claimed, "release"), {"note": "my shift ends"})
    assert (status, body["state"], body["agent"], body["steps"][-1]["note"]) == (200, "waiting", None, "my shift ends")


def test_an_agent_transfers_out_of_sight(as_ann: Caller, claimed: Handoff) -> None:
    status, body = as_ann.post(path(claimed, "transfer"), {"team": "fraud", "note": "stolen card"})
    assert (status, body["team"]["code"], body["state"]) == (200, "fraud", "waiting")
    assert as_ann.get(path(claimed))[0] == 404


def test_an_unknown_team_is_named(as_ann: Caller, claimed: Handoff) -> None:
    status, body = as_ann.post(path(claimed, "transfer"), {"team": "nobody"})
    assert (status, body["errors"]) == (422, [{"field": "team", "reason": "no team has this code"}])


def test_resolving_may_close(as_ann: Caller, claimed: Handoff) -> None:
    assert as_ann.post(path(claimed, "resolve"), {"hand_back": False})[1]["hands_back"] is False
    handback.finish(reload(claimed))
    assert as_ann.get(path(claimed))[1]["state"] == "closed"


@pytest.mark.parametrize("verb", ["resolve", "hand_back"])
def test_who_says_what_they_have_read_lets_go_of_nothing_newer(as_ann: Caller, assistant: Caller, claimed: Handoff, verb: str) -> None:
    heard = claimed.conversation.last_number
    assistant.post(path(claimed.conversation, "turns"), said("Wait, it is the other card", 9))
    status, body = as_ann.post(path(claimed, verb), {"heard": heard})
    assert (status, body["type"], body["detail"]) == (409, "/problems/stale", "Amara has just written: read it first.")
    assert as_ann.post(path(claimed, verb), {"heard": heard + 1})[0] == 200


def test_the_loser_of_a_claim_learns_who_won(as_ann: Caller, as_bob: Caller, handoff: Handoff) -> None:
    as_ann.post(path(handoff, "claim"))
    status, body = as_bob.post(path(handoff, "claim"))
    assert (status, body["owner"], body["epoch"]) == (409, {"kind": "agent", "name": "Ann", "username": "ann"}, 3)


def test_the_loser_of_a_claim_costs_two_queries(as_ann: Caller, as_bob: Caller, handoff: Handoff, django_assert_num_queries: Any) -> None:
    as_ann.post(f"/handoffs/{handoff.pk}/claim", {})
    as_bob.post(f"/handoffs/{handoff.pk}/claim", {})
    with django_assert_num_queries(2):
        status, body = as_bob.post(f"/handoffs/{handoff.pk}/claim", {})
    assert (status, body["owner"]["kind"]) == (409, "agent")


def test_a_stale_epoch_is_refused_to_agents_too(as_ann: Caller, claimed: Handoff) -> None:
    for verb, body in (("release", {}), ("resolve", {}), ("hand_back", {}), ("transfer", {"team": "fraud"}), ("turns", {"text": "Hi"})):
        assert as_ann.post(path(claimed, verb), {**body, "epoch": 1})[0] == 409, verb
    assert reload(claimed).state == "claimed"


def test_an_agent_without_room_is_told(as_ann: Caller, ann: Agent, handoff: Handoff) -> None:
    Agent.objects.filter(pk=ann.pk).update(capacity=0)
    status, body = as_ann.post(path(handoff, "claim"))
    assert (status, body["type"], body["owner"]["kind"]) == (409, "/problems/full", "team")


def test_a_call_is_a_sign_of_life(as_ann: Caller, ann: Agent) -> None:
    Agent.objects.filter(pk=ann.pk).update(lease_until=None)
    as_ann.get("/handoffs")
    ann.refresh_from_db()
    assert ann.lease_until is not None
    assert ann.lease_until > timezone.now() + timedelta(minutes=9)


# Keys


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic wrong", "Bearer ", "é"])
def test_without_a_key_there_is_nothing(db: None, header: str) -> None:
    for target in ("/conversations", "/handoffs", "/nowhere"):
        response = Client().get(f"/api/v1{target}", headers={"Authorization": header} if header else {})
        assert (response.status_code, response["WWW-Authenticate"], response["Content-Type"]) == (401, "Bearer", "application/problem+json")


def test_an_assistants_revoked_key_is_refused_soon(assistant: Caller) -> None:
    assert assistant.get("/handoffs")[0] == 200
    ApiKey.objects.update(revoked_at=timezone.now())
    wait_for(lambda: assistant.get("/handoffs")[0] == 401, what="the key to be refused")


def test_revoked_keys_and_agents_who_left_are_refused(ann: Agent, key: Callable[..., str]) -> None:
    caller = Caller(key(agent=ann))
    Agent.objects.update(is_active=False)
    assert caller.get("/handoffs")[0] == 401
    Agent.objects.update(is_active=True)
    ApiKey.objects.update(revoked_at=timezone.now())
    assert caller.get("/handoffs")[0] == 401


def test_an_assistants_key_does_nothing_agents_do(assistant: Caller, handoff: Handoff) -> None:
    bodies = {"transfer": {"team": "fraud"}, "turns": {"text": "Hi"}}
    statuses = {assistant.post(path(handoff, verb), bodies.get(verb))[0] for verb in ("claim", "release", "transfer", "resolve", "hand_back", "turns")}
    assert (statuses, reload(handoff).state) == ({403}, "waiting")


def test_an_agents_key_does_nothing_assistants_do(as_ann: Caller, handoff: Handoff) -> None:
    conversation = handoff.conversation
    assert as_ann.post("/conversations", NEW)[0] == 403
    assert [as_ann.post(path(conversation, "turns"), said(author=author))[0] for author in ("customer", "assistant")] == [403, 403]
    assert as_ann.post(path(conversation, "handoff"), {"reason": "Now"})[0] == 403
    assert as_ann.get(path(conversation))[0] == 200


def test_unknown_and_foreign_look_the_same(rival: Caller, dan: Agent, handoff: Handoff, key: Callable[..., str]) -> None:
    stranger, unknown = Caller(key(agent=dan)), "00000000-0000-4000-8000-000000000000"
    bodies = [
        caller.get(f"/{kind}/{row}")
        for caller in (rival, stranger)
        for kind in ("conversations", "handoffs")
        for row in (handoff.conversation_id, handoff.pk, unknown, "x")
    ]
    bodies += [rival.post(f"/conversations/{row}/handoff", {"reason": "Now"}) for row in (handoff.conversation_id, unknown, "x")]
    bodies += [rival.post(path(handoff.conversation, "turns"), said()), rival.get(path(handoff.conversation, "turns")), stranger.post(path(handoff, "claim"))]
    assert [body for body in bodies if body != bodies[0]] == []
    assert bodies[0][0] == 404


# The rest


def test_wrong_methods_name_the_right_ones(assistant: Caller) -> None:
    response = Client().delete("/api/v1/handoffs", headers=assistant.headers)
    assert (response.status_code, response["Allow"], response.json()["type"]) == (405, "GET", "/problems/method")


def test_the_unexpected_is_logged_and_not_told(assistant: Caller, conversation: Conversation, caplog: pytest.LogCaptureFixture) -> None:
    Team.objects.all().delete()
    status, body = assistant.post(path(conversation, "turns"), said("Can I talk to a real person?"))
    assert (status, body["type"], body["detail"]) == (500, "/problems/unexpected", "Something went wrong on our side. It was logged.")
    assert ("LookupError" in caplog.text, Turn.objects.count()) == (True, 0)


def test_the_description_covers_every_verb(db: None) -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    assert sorted((f"{method} {path}".removesuffix("/")) for path, methods in paths.items() for method in methods) == sorted(
        [
            "post /api/v1/conversations", "get /api/v1/conversations/{conversation_id}", "post /api/v1/conversations/{conversation_id}/handoff",
            "post /api/v1/conversations/{conversation_id}/leave_line", "get /api/v1/conversations/{conversation_id}/callback",
            "post /api/v1/conversations/{conversation_id}/callback", "post /api/v1/conversations/{conversation_id}/callback/cancel",
            "get /api/v1/conversations/{conversation_id}/files/{file_id}", "post /api/v1/conversations/{conversation_id}/files",
            "get /api/v1/conversations/{conversation_id}/turns", "post /api/v1/conversations/{conversation_id}/turns",
            "get /api/v1/handoffs", "get /api/v1/handoffs/{handoff_id}", "get /api/v1/handoffs/{handoff_id}/essentials",
            *(f"post /api/v1/handoffs/{{handoff_id}}/{verb}" for verb in (
                "claim", "release", "transfer", "resolve", "hand_back", "snooze", "wake", "settle", "turns")),
            "get /api/v1/offers", "post /api/v1/offers/{offer_id}/accept", "post /api/v1/offers/{offer_id}/decline",
            "get /api/v1/agents/me/status", "post /api/v1/agents/me/status",
            "get /api/v1/webhooks", "post /api/v1/webhooks", "get /api/v1/webhooks/{endpoint_id}", "get /api/v1/webhooks/{endpoint_id}/deliveries",
            *(f"post /api/v1/webhooks/{{endpoint_id}}/{verb}" for verb in ("pause", "resume", "rotate", "ping", "replay", "remove")),
        ]
    )
    assert "application/problem+json" in paths["/api/v1/conversations"]["post"]["responses"]["422"]["content"]


def test_the_readable_docs_need_no_inline_script(db: None) -> None:
    response = Client().get("/api/v1/docs")
    assert (response.status_code, response.content.count(b"<script"), response.content.count(b"<script src")) == (200, 3, 2)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "Content-Security-Policy" not in Client().get("/api/v1/openapi.json")
