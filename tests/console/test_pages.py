"""The console's pages: who may open what, what an act does, and that a panel shows what its stream pushes."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from console.live import groups_of
from console.streams.base import Stream
from console.streams.desk import Desk
from console.streams.queue import Queue
from console.streams.registry import MOST_STREAMS
from console.streams.tray import Tray
from console.streams.wall import Wall
from handoffs import breaks, passing, receiving, shelf, turns
from handoffs.models import Agent, Conversation, Customer, Handoff, Team
from handoffs.signals import Change
from handoffs.snapshots import Proposal

pytestmark = pytest.mark.django_db
EVIL = "<script>alert(1)</script>"


def plain(html: str) -> str:
    """Without what changes from one rendering to the next."""
    return re.sub(r"\s+", " ", html)


def contains(page: str, stream: Stream) -> bool:
    return all(plain(part) in plain(page) for part in stream.parts().values())


def url(name: str, handoff: Handoff) -> str:
    return reverse(name, args=[handoff.pk])


@pytest.mark.parametrize("name", ["queue", "wall"])
def test_a_stranger_is_asked_to_sign_in(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login/?next={reverse(name)}")


def test_sign_in_leads_to_the_queue(client: Client, ann: Agent) -> None:
    answer = client.post("/login/", {"username": "ann", "password": "correct horse"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/queue/")


def test_wrong_password_says_so_without_saying_what_is_wrong(client: Client, ann: Agent) -> None:
    answer = client.post("/login/", {"username": "ann", "password": "wrong"})
    assert "do not go together" in answer.content.decode()


@pytest.mark.parametrize(("who", "desk", "wall"), [("ann", 200, 403), ("bob", 200, 403), ("cara", 200, 200), ("dan", 404, 403)])
def test_who_may_open_what(request: Any, signed_in: Any, handoff: Handoff, who: str, desk: int, wall: int) -> None:
    client = signed_in(request.getfixturevalue(who))
    assert (client.get(url("desk", handoff)).status_code, client.get("/wall/").status_code) == (desk, wall)


def test_unknown_and_foreign_read_the_same(signed_in: Any, dan: Agent, handoff: Handoff) -> None:
    client = signed_in(dan)
    unknown = client.get("/handoffs/00000000-0000-4000-8000-000000000000/")
    foreign = client.get(url("desk", handoff))
    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("act", ["claim", "say", "note", "transfer", "release", "resolve", "hand_back", "undo", "seen"])
def test_acts_on_foreign_handoffs_are_not_found(signed_in: Any, dan: Agent, handoff: Handoff, act: str) -> None:
    assert signed_in(dan).post(url(act, handoff), {"text": "x", "team": "technical"}).status_code == 404


@pytest.mark.parametrize("act", ["claim", "say", "resolve"])
def test_acts_are_posts_only(signed_in: Any, ann: Agent, handoff: Handoff, act: str) -> None:
    assert signed_in(ann).get(url(act, handoff)).status_code == 405


def test_acts_need_the_csrf_token(ann: Agent, handoff: Handoff) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ann)
    answer = client.post(url("claim", handoff))
    assert (answer.status_code, "open too long" in answer.content.decode()) == (403, True)


def test_claim_leads_to_the_desk(signed_in: Any, ann: Agent, handoff: Handoff) -> None:
    answer = signed_in(ann).post(url("claim", handoff))
    handoff.refresh_from_db()
    assert (answer.status_code, answer.headers["Location"], handoff.agent) == (303, url("desk", handoff), ann)


def test_the_loser_sees_who_was_faster(signed_in: Any, bob: Agent, claimed: Handoff) -> None:
    answer = signed_in(bob).post(url("claim", claimed))
    page = answer.content.decode()
    assert (answer.status_code, "Somebody else was faster." in page, "Ann has it now." in page) == (409, True, True)


def test_claim_without_room_says_so(signed_in: Any, ann: Agent, hand_off: Any) -> None:
    first, second = hand_off(), hand_off()
    Agent.objects.filter(pk=ann.pk).update(capacity=1)
    receiving.claim(first, ann)
    answer = signed_in(ann).post(url("claim", second))
    assert (answer.status_code, "You have no room for another handoff." in answer.content.decode()) == (403, True)


def test_claim_next_takes_the_most_urgent(signed_in: Any, ann: Agent, handoff: Handoff) -> None:
    assert signed_in(ann).post("/queue/claim-next/").headers["Location"] == url("desk", handoff)


def test_claim_next_of_nothing_says_so(signed_in: Any, ann: Agent) -> None:
    answer = signed_in(ann).post("/queue/claim-next/", follow=True)
    assert "No one was waiting" in answer.content.decode()


def test_a_message_is_sent_once(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    client = signed_in(ann)
    answers = [client.post(url("say", claimed), {"text": "Hello", "client_id": "a"}, headers={"Accept": "application/json"}) for _ in range(2)]
    assert ([a.status_code for a in answers], claimed.conversation.turns.filter(author="agent").count()) == ([201, 201], 1)


def test_a_message_without_scripts_leads_back_to_the_desk(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    answer = signed_in(ann).post(url("say", claimed), {"text": "Hello", "client_id": "a"})
    assert (answer.status_code, answer.headers["Location"]) == (303, url("desk", claimed))


def test_a_late_message_is_refused_with_a_clear_word(signed_in: Any, ann: Agent, cara: Agent, claimed: Handoff) -> None:
    client = signed_in(ann)
    receiving.release(claimed, ann)
    answer = client.post(url("say", claimed), {"text": "Hello", "client_id": "a"}, headers={"Accept": "application/json"})
    words = "this conversation is not with you any more, so your message was not sent"
    assert (answer.status_code, json.loads(answer.content)) == (409, {"title": words, "owner": "It waits with Billing."})
    assert claimed.conversation.turns.filter(author="agent").count() == 0


def test_an_empty_message_is_refused(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    assert signed_in(ann).post(url("say", claimed), {"text": "  "}, headers={"Accept": "application/json"}).status_code == 400


def test_words_no_database_keeps_are_dropped(signed_in: Any, ann: Agent, teams: Any, claimed: Handoff) -> None:
    client = signed_in(ann)
    client.post(url("say", claimed), {"text": "Hel\x00lo", "client_id": "\x00"})
    client.post(url("note", claimed), {"text": "a note\x00"})
    assert client.post(url("transfer", claimed), {"team": "\x00"}).status_code == 403
    client.post(url("resolve", claimed), {"resolution": "Refunded\x00"})
    claimed.refresh_from_db()
    assert (claimed.conversation.turns.last().text, claimed.steps.get(verb="noted").note, claimed.resolution) == ("Hello", "a note", "Refunded")


def test_a_message_has_the_same_limit_everywhere(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    client = signed_in(ann)
    answers = [client.post(url("say", claimed), {"text": "é" * length}, headers={"Accept": "application/json"}).status_code for length in (8192, 8193)]
    assert answers == [201, 400]


def test_resolve_can_be_undone_from_the_queue(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    client = signed_in(ann)
    page = client.post(url("resolve", claimed), {"resolution": "Refunded"}, follow=True).content.decode()
    client.post(url("undo", claimed))
    claimed.refresh_from_db()
    assert ("does the wrap-up" in page, claimed.state) == (True, "claimed")


def test_hand_back_ends_it_unless_undone(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    page = signed_in(ann).post(url("hand_back", claimed), {"resolution": "Refunded"}, follow=True).content.decode()
    claimed.refresh_from_db()
    passing.finish(claimed)
    assert (claimed.state, claimed.resolution, url("undo", claimed) in page) == ("handed_back", "Refunded", True)


@pytest.mark.parametrize("act", ["resolve", "hand_back"])
def test_words_nobody_has_read_keep_the_desk(signed_in: Any, ann: Agent, claimed: Handoff, act: str) -> None:
    client = signed_in(ann)
    before = heard_in(client.get(url("desk", claimed)))
    turns.take(claimed.conversation, "Wait, it is the other card", client_id="m")
    answer = client.post(url(act, claimed), {"resolution": "Refunded <14>", "heard": before})
    page = unescape(answer.content.decode())
    assert (answer.status_code, answer.context["hold"], answer.headers["X-Frame-Options"]) == (409, "mine", "SAMEORIGIN")
    assert all(words in page for words in ("Amara has just written: read it first.", ">Refunded <14></textarea>", "Wait, it is the other card"))
    assert client.post(url(act, claimed), {"heard": heard_in(answer)}).status_code == 303
    claimed.refresh_from_db()
    assert claimed.state == "resolved"


def heard_in(answer: Any) -> str:
    """What the forms of a desk say that was read."""
    (number,) = set(re.findall(r'name="heard" value="(\d+)"', answer.content.decode()))
    return number


def test_transfer_takes_the_note_along(signed_in: Any, ann: Agent, dan: Agent, claimed: Handoff) -> None:
    page = signed_in(ann).post(url("transfer", claimed), {"team": "technical", "note": "camera broken"}, follow=True).content.decode()
    claimed.refresh_from_db()
    passing.finish(claimed)
    assert (url("undo", claimed) in page, "goes to Technical" in page) == (True, True)
    assert "camera broken" in signed_in(dan).get(url("desk", claimed)).content.decode()


def test_a_lead_moves_it_from_the_wall(signed_in: Any, cara: Agent, handoff: Handoff) -> None:
    answer = signed_in(cara).post(f"{url('transfer', handoff)}?from=wall&seen={handoff.conversation.epoch}", {"team": "general"})
    handoff.refresh_from_db()
    assert (answer.headers["Location"], handoff.team.code) == ("/wall/", "general")


def test_a_move_from_a_stale_wall_is_refused(signed_in: Any, cara: Agent, claimed: Handoff) -> None:
    answer = signed_in(cara).post(f"{url('transfer', claimed)}?from=wall&seen={claimed.conversation.epoch - 1}", {"team": "general"})
    claimed.refresh_from_db()
    assert (answer.status_code, claimed.state, "Ann has it now." in answer.content.decode()) == (409, "claimed", True)


def test_moving_to_no_team_is_refused(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    answer = signed_in(ann).post(url("transfer", claimed), {"team": "nowhere"})
    assert (answer.status_code, "Choose a team first" in answer.content.decode()) == (403, True)


def test_opening_the_desk_marks_what_was_seen(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    signed_in(ann).get(url("desk", claimed))
    claimed.conversation.refresh_from_db()
    assert claimed.conversation.agent_seen == claimed.conversation.last_number


def test_availability_is_set(signed_in: Any, ann: Agent) -> None:
    answer = signed_in(ann).post("/availability/", {"status": "away", "next": "https://evil.example/"})
    ann.refresh_from_db()
    assert (ann.status, answer.headers["Location"]) == ("away", "/queue/")


@pytest.mark.parametrize(("posted", "then"), [
    ({"leaves": "{soon}"}, ("available", "{soon}", None)),
    ({"leaves": "", "back": "{soon}"}, ("away", None, "{soon}")),
    ({"leaves": "{soon}", "back": "{soon}", "status": "busy"}, ("busy", "{soon}", None)),
    ({"leaves": "", "back": "soon", "status": "available"}, ("available", None, None)),
], ids=["here until", "a break", "back at work", "no time of a break"])
def test_an_agent_says_until_when(signed_in: Any, ann: Agent, posted: dict[str, str], then: tuple[str | None, ...]) -> None:
    soon = f"{timezone.localtime() + timedelta(hours=2):%H:%M}"
    client = signed_in(ann)
    client.post("/availability/", {name: value.format(soon=soon) for name, value in posted.items()})
    ann.refresh_from_db()
    said = [f"{timezone.localtime(moment):%H:%M}" if moment else None for moment in (ann.leaves_at, ann.back_at)]
    assert (ann.status, *said) == tuple(each and each.format(soon=soon) for each in then)
    assert all(f'value="{each}"' in client.get("/queue/").content.decode() for each in said if each)


@pytest.mark.parametrize("posted", [
    {"status": "resting", "back": "{soon}"},
    {"leaves": "{soon}", "back": "{past}"},
    {"leaves": "{past}", "status": "busy"},
    {"leaves": "25:99", "status": "away"},
    {"leaves": "", "back": "soon"},
], ids=["no status", "back in the past", "here until the past", "no time", "words"])
def test_what_nobody_means_is_refused_and_changes_nothing(signed_in: Any, ann: Agent, posted: dict[str, str]) -> None:
    times = {name: f"{timezone.localtime() + timedelta(hours=hours):%H:%M}" for name, hours in (("soon", 2), ("past", -1))}
    breaks.say(ann, timezone.now() + timedelta(hours=1), None)
    answer = signed_in(ann).post("/availability/", {"leaves": "", **{name: value.format(**times) for name, value in posted.items()}})
    again = Agent.objects.get(pk=ann.pk)
    assert (answer.status_code, "choose" in answer.context["problem"]) == (403, True)
    assert (again.status, again.leaves_at, again.back_at) == ("available", ann.leaves_at, None)


def test_a_time_that_is_over_holds_no_status_up(signed_in: Any, ann: Agent) -> None:
    past = timezone.now() - timedelta(hours=1)
    Agent.objects.filter(pk=ann.pk).update(leaves_at=past)
    signed_in(ann).post("/availability/", {"leaves": f"{timezone.localtime(past):%H:%M}", "back": "", "status": "busy"})
    ann.refresh_from_db()
    assert (ann.status, ann.leaves_at) == ("busy", None)


def test_the_wall_shows_until_when(signed_in: Any, cara: Agent, ann: Agent, bob: Agent) -> None:
    leaves, back = (timezone.now() + timedelta(hours=hours) for hours in (2, 3))
    Agent.objects.filter(pk=ann.pk).update(leaves_at=leaves)
    Agent.objects.filter(pk=bob.pk).update(status="away", back_at=back)
    page = signed_in(cara).get("/wall/").content.decode()
    assert (f"here until {timezone.localtime(leaves):%H:%M}" in page, f"away, back at {timezone.localtime(back):%H:%M}" in page) == (True, True)


def test_everything_people_wrote_is_escaped(signed_in: Any, cara: Agent, hand_off: Any) -> None:
    handoff = hand_off(f"{EVIL} I was charged twice, please refund order A-20817")
    customer = handoff.conversation.customer
    customer.name, customer.tier, customer.email = EVIL, EVIL, "a@example.com"
    customer.account, customer.orders, customer.tickets = {EVIL: EVIL}, [{"title": EVIL, "more": EVIL}, EVIL], [EVIL]
    customer.save()
    Handoff.objects.filter(pk=handoff.pk).update(goal=EVIL, reason=EVIL)
    receiving.note(handoff, cara, EVIL)
    client = signed_in(cara)
    pages = [client.get(path).content.decode() for path in ("/queue/", "/wall/", url("desk", handoff))]
    assert [page.count(EVIL) for page in pages] == [0, 0, 0]
    assert EVIL in unescape(pages[0])


def test_a_source_that_is_a_script_is_no_link(signed_in: Any, ann: Agent, handoff: Handoff) -> None:
    turn = handoff.conversation.turns.first()
    turn.sources = [{"title": "Click me", "url": "javascript:alert(1)"}]
    turn.save()
    page = signed_in(ann).get(url("desk", handoff)).content.decode()
    assert ("Click me" in page, 'href="javascript' in page) == (True, False)


def test_pages_show_what_their_streams_push(signed_in: Any, ann: Agent, cara: Agent, claimed: Handoff, hand_off: Any) -> None:
    hand_off()
    desk = signed_in(ann).get(url("desk", claimed)).content.decode()
    wall = signed_in(cara).get("/wall/").content.decode()
    assert contains(desk, Queue.of(ann))
    assert contains(desk, Tray(str(ann.pk)))
    assert contains(desk, Desk(str(claimed.pk)))
    assert contains(wall, Wall("all"))


def test_a_desk_is_read_for_what_moves_its_own_handoff_alone(claimed: Handoff, hand_off: Any) -> None:
    heard = Desk(str(claimed.pk)).groups()
    moved = [groups_of(Change(each.conversation_id, each.pk, frozenset([each.team.code]))) for each in (claimed, hand_off())]
    assert [bool(heard & groups) for groups in moved] == [True, False]


def test_new_turns_are_what_a_reload_would_show(signed_in: Any, ann: Agent, claimed: Handoff) -> None:
    last = claimed.conversation.last_number
    turns.take(claimed.conversation, "Are you still there?", client_id="9")
    news, head = Desk(str(claimed.pk)).news(last)
    article = re.search(r"<article.*</article>", news, re.S)
    assert article
    assert plain(article.group()) in plain(signed_in(ann).get(url("desk", claimed)).content.decode())
    assert head == last + 1


def test_the_feeling_follows_the_newest_words(claimed: Handoff) -> None:
    turns.take(claimed.conversation, "This is ridiculous!! I am furious, worst service ever", client_id="9")
    claimed.refresh_from_db()
    assert (claimed.mood, 'data-mood="angry"' in Desk(str(claimed.pk)).parts()[f"mood-{claimed.pk}"]) == ("angry", True)


@pytest.mark.parametrize(("who", "queue", "tray", "desk", "wall"), [
    ("ann", True, True, True, False), ("bob", True, False, True, False), ("cara", True, False, True, True), ("dan", False, False, False, False),
])
def test_who_may_watch_what(request: Any, ann: Agent, handoff: Handoff, who: str, queue: bool, tray: bool, desk: bool, wall: bool) -> None:
    agent = request.getfixturevalue(who)
    streams = (Queue("billing"), Tray(str(ann.pk)), Desk(str(handoff.pk)), Wall("all"))
    assert [stream.may_watch(agent) for stream in streams] == [queue, tray, desk, wall]


def test_nobody_watches_what_does_not_exist(cara: Agent) -> None:
    assert [Desk("nonsense").may_watch(cara), Wall("other").may_watch(cara)] == [False, False]


@pytest.mark.parametrize("cards", [1, 3])
def test_the_queue_takes_the_same_queries_for_any_length(django_assert_num_queries: Any, ann: Agent, hand_off: Any, cards: int) -> None:
    for _ in range(cards):
        hand_off()
    with django_assert_num_queries(1):
        Queue("billing").parts()


@pytest.mark.parametrize("cards", [1, 3])
def test_the_wall_takes_the_same_queries_for_any_length(django_assert_num_queries: Any, ann: Agent, bob: Agent, hand_off: Any, cards: int) -> None:
    for _ in range(cards):
        hand_off()
    shelf.forget()  # it looks up once a second: a slow machine would count it or not
    with django_assert_num_queries(35):
        Wall("all").parts()


def test_what_nobody_takes_needs_a_lead_while_its_promise_is_safe(handoff: Handoff) -> None:
    assert "Every promise is safe" in Wall("all").parts()["wall-risks"]
    Handoff.objects.filter(pk=handoff.pk).update(alarmed_at=timezone.now())
    assert f'id="move-{handoff.pk}"' in Wall("all").parts()["wall-risks"]


def test_an_empty_house_is_no_error(signed_in: Any, cara: Agent) -> None:
    Team.objects.all().delete()
    client = signed_in(cara)
    assert [client.get(path).status_code for path in ("/queue/", "/wall/")] == [200, 200]


@pytest.mark.parametrize("source", [{"title": "Cancel your plan"}, {"title": "", "url": "https://example.com/a"}, {"url": "javascript:alert(1)"}])
def test_a_source_of_any_shape_opens_the_desk(handoff: Handoff, ann: Agent, signed_in: Any, source: dict[str, str]) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(brief={**handoff.brief, "sources": [source]})
    assert signed_in(ann).get(f"/handoffs/{handoff.pk}/").status_code == 200


def test_an_account_field_named_like_a_method_opens_the_desk(handoff: Handoff, ann: Agent, signed_in: Any) -> None:
    Customer.objects.update(account={"items": 3, "keys": ["a", "b"]}, orders=["A-1", {"items": {"values": 1}}])
    page = signed_in(ann).get(f"/handoffs/{handoff.pk}/").content.decode()
    assert "<dt>Items</dt><dd>3</dd>" in page


def test_a_pull_shows_no_more_streams_than_a_socket(signed_in: Any, ann: Agent, handoff: Handoff) -> None:
    client = signed_in(ann)
    shown = [len(client.get(f"/live/pull/?streams={','.join(['queue:billing'] * many)}").content) for many in (MOST_STREAMS, 10 * MOST_STREAMS)]
    assert shown[0] == shown[1]


@pytest.mark.parametrize("name", ["queue:%00", "queue:nowhere", "desk:%00", "tray:%00", "wall:%00"])
def test_a_stream_nobody_has_shows_nothing(signed_in: Any, cara: Agent, name: str) -> None:
    answer = signed_in(cara).get(f"/live/pull/?streams={name}")
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_desk_says_why_it_is_here_and_marks_the_words(signed_in: Any, cara: Agent, conversation: Conversation) -> None:
    turns.take(conversation, "<b>My lawyer</b> says: please cancel it. Get me a real person")
    handoff = Handoff.objects.get()
    page = signed_in(cara).get(url("desk", handoff)).content.decode()
    why = page[page.index("Why it is here") : page.index("Suggested next step")]
    for text in ("Asked for a person", "Their own wish", "2 more reasons", "Out of scope: legal threat", "Should the AI answer this? No"):
        assert text in why
    assert "&lt;b&gt;<mark>My lawyer</mark>&lt;/b&gt; says: <mark>please cancel</mark> it. <mark>Get me a real person</mark>" in page


def test_the_desk_shows_the_numbers_of_a_doubtful_answer(signed_in: Any, cara: Agent, conversation: Conversation) -> None:
    turns.take(conversation, "Where is it?")
    turns.propose(Conversation.objects.get(), Proposal("In Ulm.", 0.4), client_id="a")
    page = signed_in(cara).get(url("desk", Handoff.objects.get())).content.decode()
    assert "Could the AI answer this? No" in page
    assert 'a person under <b class="num">0.75</b>' in page
