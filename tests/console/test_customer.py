"""The customer's page: who may open it, what each state shows, and that every act works without scripts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from console.streams.customer import CustomerPage
from handoffs import addresses, conversations, handback, receiving, turns, waiting_room
from handoffs.models import Agent, Conversation, Handoff, Survey, Team
from tests.conftest import reload
from tests.handoffs.test_waiting import looked

DOOR = "<b>Talk to a person</b>"
Start = Callable[..., Conversation]
HandOff = Callable[..., Handoff]


@pytest.fixture
def web() -> Client:
    return Client()


def url(conversation: Conversation, act: str = "") -> str:
    return f"/c/{addresses.token(conversation.pk)}/" + (f"{act}/" if act else "")


def shown(web: Client, conversation: Conversation) -> str:
    answer = web.get(url(conversation))
    assert answer.status_code == 200
    return answer.content.decode()


def handed_back(handoff: Handoff, agent: Agent, resolution: str = "Refunded €14") -> Handoff:
    handback.hand_back(handoff, agent, resolution=resolution)
    return reload(handoff)


def test_a_changed_address_is_refused_with_words_that_help(web: Client, conversation: Conversation) -> None:
    answer = web.get(url(conversation).replace(".", ".x", 1))
    assert answer.status_code == 403
    assert "Open the link from your e-mail again" in answer.content.decode()
    assert "Start a new chat" in answer.content.decode()


@pytest.mark.parametrize("token", ["x", "a.b", "%00.%00", "é.ü", "." * 300])
def test_nonsense_addresses_are_refused(web: Client, token: str) -> None:
    assert web.get(f"/c/{token}/").status_code == 403


def test_a_chat_that_is_gone_says_so(web: Client, db: None) -> None:
    assert web.get(f"/c/{addresses.token(uuid4())}/").status_code == 404


def test_the_page_is_private(web: Client, conversation: Conversation) -> None:
    answer = web.get(url(conversation))
    assert (answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-store", "same-origin", "noindex, nofollow")


def test_news_without_a_socket_are_as_private_as_the_page_and_compressed(web: Client, conversation: Conversation) -> None:
    address = f"/live/pull{url(conversation)}"
    answer = web.get(address, headers={"Accept-Encoding": "gzip"})
    assert (answer["Cache-Control"], answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-store", "same-origin", "noindex, nofollow")
    assert answer["Content-Encoding"] == "gzip"
    assert [web.post(address).status_code, web.get(address.replace(".", ".x", 1)).status_code] == [405, 403]


def test_opening_the_page_marks_it_open(web: Client, conversation: Conversation) -> None:
    shown(web, conversation)
    conversation.refresh_from_db()
    assert waiting_room.is_here(conversation)


def test_the_door_is_in_every_state(web: Client, start: Start, hand_off: HandOff, ann: Agent) -> None:
    with_assistant, in_line, with_agent, after, closed = start(), hand_off(), hand_off(), hand_off(), hand_off()
    for handoff in (with_agent, after, closed):
        receiving.claim(handoff, ann)
    handback.hand_back(reload(after), ann)
    receiving.resolve(reload(closed), ann, hands_back=False)
    handback.close(reload(closed))
    for conversation in (with_assistant, in_line.conversation, with_agent.conversation, after.conversation, closed.conversation):
        assert shown(web, conversation).count(DOOR) == 1


def test_the_door_hands_over_in_one_press(web: Client, conversation: Conversation) -> None:
    answer = web.post(url(conversation, "ask"))
    assert (answer.status_code, answer["Location"]) == (303, url(conversation) + "#room")
    assert Handoff.objects.get(conversation=conversation).trigger == "explicit_request"
    assert "You’re in line. Place kept if you leave." in shown(web, conversation)


def test_pressing_twice_makes_one_handoff(web: Client, conversation: Conversation) -> None:
    assert [web.post(url(conversation, "ask")).status_code for _ in range(2)] == [303, 303]
    assert Handoff.objects.filter(conversation=conversation).count() == 1


def test_forms_are_guarded_against_forgery(conversation: Conversation) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "https://elsewhere.example"})
    assert [strict.post(url(conversation, act)).status_code for act in ("say", "ask", "email", "survey", "seen")] == [403] * 5
    assert strict.post("/chat/").status_code == 403
    assert strict.post(url(conversation, "ask"), headers={"Origin": "http://testserver"}).status_code == 303


def test_under_twenty_samples_only_the_place_is_shown(web: Client, hand_off: HandOff, ann: Agent) -> None:
    hand_off()
    page = shown(web, hand_off().conversation)
    assert "<b>Second in line</b>" in page
    assert " min</b>" not in page


def test_once_the_line_was_looked_at_a_range_and_a_promise_are_shown(web: Client, hand_off: HandOff, teams: dict[str, Team], ann: Agent) -> None:
    looked(teams["billing"], 150, 230)
    page = shown(web, hand_off().conversation)
    assert "<b>2 to 4 min</b>" in page
    assert "You can expect someone by " in page
    assert "<title>In line: 2 to 4 min</title>" in page


def test_nobody_at_their_desk_is_said_instead_of_minutes(web: Client, handoff: Handoff) -> None:
    page = shown(web, handoff.conversation)
    assert "<b>No one is at their desk right now</b>" in page
    assert " min</b>" not in page


def test_someone_who_moved_up_reads_where_they_were(web: Client, hand_off: HandOff, ann: Agent) -> None:
    first, second = hand_off(), hand_off()
    receiving.claim(first, ann)
    assert "You’re next in line. You began as number 2." in shown(web, second.conversation)


def test_the_waiting_customer_reads_what_the_team_was_told(web: Client, handoff: Handoff) -> None:
    page = shown(web, handoff.conversation)
    assert "What we told the team about you" in page
    assert 'placeholder="Add anything they should know"' in page


def test_an_email_can_be_left(web: Client, handoff: Handoff) -> None:
    assert web.post(url(handoff.conversation, "email"), {"email": "amara@example.com"}).status_code == 303
    handoff.conversation.refresh_from_db()
    assert handoff.conversation.reply_by_email == "amara@example.com"
    assert "We’ll write to amara@example.com" in shown(web, handoff.conversation)


def test_a_wrong_email_is_kept_and_explained(web: Client, handoff: Handoff) -> None:
    answer = web.post(url(handoff.conversation, "email"), {"email": "amara@"})
    assert answer.status_code == 422
    assert 'value="amara@"' in answer.content.decode()
    assert "That doesn’t look like an e-mail address." in answer.content.decode()


def test_words_are_taken_once_per_client_id(web: Client, conversation: Conversation) -> None:
    said = {"text": "Where is my parcel?", "client_id": "abc"}
    answers = [web.post(url(conversation, "say"), said) for _ in range(2)]
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, url(conversation))] * 2
    assert conversation.turns.count() == 1


def test_a_script_gets_no_page_back(web: Client, conversation: Conversation) -> None:
    answer = web.post(url(conversation, "say"), {"text": "Hello", "client_id": "1"}, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("text", ["", "  \n ", "\x00"])
def test_empty_words_are_ignored(web: Client, conversation: Conversation, text: str) -> None:
    assert web.post(url(conversation, "say"), {"text": text}).status_code == 303
    assert not conversation.turns.exists()


@pytest.mark.parametrize("charset", ["rot13", "utf-7", "unicode_escape", "no-such-charset"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_words_are_read_as_utf8_whatever_charset_is_named(web: Client, conversation: Conversation, charset: str, kind: str) -> None:
    body = '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nné \\ud800\r\n--x--\r\n' if kind[-1] == "x" else "text=né \\ud800"
    answer = web.generic("POST", url(conversation, "say"), body.encode(), content_type=f"{kind}; charset={charset}")
    assert (answer.status_code, conversation.turns.get().text) == (303, "né \\ud800")


def test_text_that_is_too_long_is_not_lost(web: Client, conversation: Conversation) -> None:
    answer = web.post(url(conversation, "say"), {"text": "ä" * 8193})
    assert answer.status_code == 413
    assert "ä" * 8193 in answer.content.decode()
    assert "Please send it in two or three parts" in answer.content.decode()
    assert not conversation.turns.exists()


def test_what_people_write_is_escaped(web: Client, claimed: Handoff, ann: Agent) -> None:
    web.post(url(claimed.conversation, "say"), {"text": "<script>alert(1)</script>"})
    receiving.say(claimed, ann, '<img src=x onerror="alert(2)">', client_id="1")
    page = shown(web, claimed.conversation) + CustomerPage(claimed.conversation_id.hex).news(0)[0]
    assert ("<script>alert" in page, "<img" in page) == (False, False)
    assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2


def test_a_closed_chat_refuses_words_and_keeps_them(web: Client, start: Start) -> None:
    closed = start(owner="nobody", closed_at=timezone.now())
    answer = web.post(url(closed, "say"), {"text": "One more thing"}, headers={"X-Requested-With": "fetch"})
    assert (answer.status_code, answer.content.decode()) == (409, "This chat is closed, so this was not sent. “Talk to a person” starts a new one.")
    assert web.post(url(closed, "ask")).status_code == 409


def test_who_joined_is_named(web: Client, claimed: Handoff) -> None:
    page = shown(web, claimed.conversation)
    assert "<title>Ann is with you</title>" in page
    assert "<b>Ann joined</b>" in page
    assert "You are. Ann is with you." in page


def test_after_the_handback_there_is_the_summary_and_two_questions(web: Client, claimed: Handoff, ann: Agent) -> None:
    handed_back(claimed, ann, "- Refunded €14\n- Kept your <clips>")
    page = shown(web, claimed.conversation)
    assert "What Ann did for you" in page
    assert "Kept your &lt;clips&gt;</span>" in page
    assert "How was Ann’s help?" in page


def test_the_survey_is_stored_and_thanked_for(web: Client, claimed: Handoff, ann: Agent) -> None:
    handed_back(claimed, ann)
    answer = web.post(url(claimed.conversation, "survey"), {"repeated": "a_little", "help": "5"})
    survey = Survey.objects.get(handoff=claimed)
    assert (answer.status_code, survey.repeated, survey.help) == (303, "a_little", 5)
    assert "Thank you. Your answers are with the team." in shown(web, claimed.conversation)


@pytest.mark.parametrize("answers", [{}, {"help": "6"}, {"help": "x"}, {"repeated": "often"}])
def test_a_survey_without_a_valid_answer_is_not_stored(web: Client, claimed: Handoff, ann: Agent, answers: dict[str, str]) -> None:
    handed_back(claimed, ann)
    assert web.post(url(claimed.conversation, "survey"), answers).status_code == 422
    assert not Survey.objects.exists()


def test_skipping_the_survey_ends_it(web: Client, claimed: Handoff, ann: Agent) -> None:
    handed_back(claimed, ann)
    web.post(url(claimed.conversation, "survey"), {"skip": "1", "help": "1"})
    assert Survey.objects.get().help is None
    assert "How was Ann’s help?" not in shown(web, claimed.conversation)


def test_nobody_rates_a_handoff_that_goes_on(web: Client, claimed: Handoff) -> None:
    assert web.post(url(claimed.conversation, "survey"), {"help": "5"}).status_code == 422


def test_what_the_page_has_shown_is_noted(web: Client, handoff: Handoff) -> None:
    conversation = handoff.conversation
    for number in ("2", "1", "99", "-1", "x", "9" * 40):
        assert web.post(url(conversation, "seen"), {"number": number}).status_code == 204
    conversation.refresh_from_db()
    assert conversation.customer_seen == 2


def test_a_new_chat_begins_with_one_button(web: Client, teams: dict[str, Team]) -> None:
    assert web.get("/chat/").status_code == 200
    answer = web.post("/chat/", {"name": "Amara Osei", "email": "amara@example.com"})
    conversation = Conversation.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url(conversation))
    assert (conversation.answered_by.plugin, conversation.reply_by_email) == ("front_desk", "amara@example.com")
    assert "Hi Amara. I’m Juniper, an AI." in shown(web, conversation)


def test_a_new_chat_needs_no_name(web: Client, teams: dict[str, Team]) -> None:
    web.post("/chat/")
    assert Conversation.objects.get().turns.get().text.startswith("Hi. I’m Juniper, an AI.")


def test_a_wrong_email_does_not_start_a_chat(web: Client, db: None) -> None:
    assert web.post("/chat/", {"email": "x"}).status_code == 422
    assert not Conversation.objects.exists()


def test_agents_do_not_watch_the_customers_stream(conversation: Conversation, cara: Agent) -> None:
    assert CustomerPage(conversation.pk.hex).may_watch(cara) is False


def test_what_customers_type_into_does_not_change_with_the_line(handoff: Handoff, hand_off: HandOff, ann: Agent) -> None:
    stream = CustomerPage(handoff.conversation_id.hex)
    before = stream.parts()
    Handoff.objects.filter(pk=hand_off().pk).update(rank_at=handoff.rank_at - timedelta(minutes=1))
    after = stream.parts()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"line"}


def test_news_are_the_turns_after_a_number(handoff: Handoff) -> None:
    html, head = CustomerPage(handoff.conversation_id.hex).news(2)
    assert head == handoff.conversation.turns.count()
    assert [f'id="turn-{number}"' in html for number in (2, 3)] == [False, True]
    assert '<div hx-swap-oob="afterbegin:#feed"><li id="update-3"' in html


def test_place_changes_of_others_reach_the_waiting_page(handoff: Handoff, conversation: Conversation) -> None:
    assert CustomerPage(handoff.conversation_id.hex).groups() == {f"conversation.{handoff.conversation_id.hex}", "team.billing"}
    assert CustomerPage(conversation.pk.hex).groups() == {f"conversation.{conversation.pk.hex}"}


def test_seeing_does_not_go_back(conversation: Conversation) -> None:
    conversations.see(conversation, 5)
    conversation.refresh_from_db()
    assert conversation.customer_seen == 0


def test_a_look_at_many_customers_pages_costs_two_queries(start: Callable[..., Conversation], django_assert_num_queries: Any) -> None:
    pages = [CustomerPage(start().pk.hex) for _ in range(5)]
    with django_assert_num_queries(2):
        heads = CustomerPage.heads(pages)
    assert set(heads) == {page.name for page in pages}


def test_a_page_has_another_head_when_something_was_said_and_while_it_waits(conversation: Conversation, ann: Agent) -> None:
    page = CustomerPage(conversation.pk.hex)
    silent = CustomerPage.heads([page])
    turns.take(conversation, "My refund?", client_id="1")
    said = CustomerPage.heads([page])
    assert silent != said
    assert CustomerPage.heads([page]) == said
    decision = turns.take(conversation, "Can I talk to a real person?", client_id="2")
    waits = CustomerPage.heads([page])
    assert waits not in (silent, said, {})
    assert decision.handoff is not None
    receiving.claim(decision.handoff, ann)
    held = CustomerPage.heads([page])
    receiving.resolve(reload(decision.handoff), ann, resolution="Refunded", hands_back=False)
    assert CustomerPage.heads([page]) != held
