"""The policy page: who may open it, what its form saves and refuses, and that publishing needs a replay that was looked at."""

import gzip
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console.policy.form import Form
from console.streams.policy import PolicyPage
from handoffs import publishing, simulation, turns, verdicts
from handoffs.models import Agent, Assistant, Conversation, Customer, Flip, Handoff, PolicyVersion, ProposalRecord, Replay, Verdict
from handoffs.policy import Policy
from handoffs.snapshots import Proposal
from tests.console.test_pages import contains

pytestmark = pytest.mark.django_db
SIGN_IN = Callable[[Agent], Client]


@pytest.fixture
def lead(signed_in: SIGN_IN, cara: Agent) -> Client:
    return signed_in(cara)


def mark() -> str:
    return publishing.mark(publishing.draft() or PolicyVersion.live())


def form(**typed: str) -> dict[str, str]:
    """Every field of the form as the page shows it, with what was typed in place of some; `__` stands for a dot."""
    policy = Policy.model_validate((publishing.draft() or PolicyVersion(body={})).body)
    shown = {field.name: field.value for field in Form(policy).all()}
    return {**shown, "mark": mark(), **{name.replace("__", "."): value for name, value in typed.items()}}


def save(lead: Client, **typed: str) -> Any:
    return lead.post("/policy/draft/", form(**typed))


def drafted() -> Policy:
    version = publishing.draft()
    assert version is not None
    return Policy.model_validate(version.body)


@pytest.mark.parametrize(("who", "status"), [("ann", 403), ("dan", 403), ("cara", 200)])
def test_the_page_is_for_leads(request: Any, signed_in: SIGN_IN, who: str, status: int) -> None:
    assert signed_in(request.getfixturevalue(who)).get("/policy/").status_code == status


@pytest.mark.parametrize("act", ["draft", "discard", "publish", "replay", "cancel", "reviewed", "versions/1", "flips/1/mark"])
def test_agents_change_nothing(signed_in: SIGN_IN, ann: Agent, cara: Agent, act: str) -> None:
    draft = publishing.begin(cara)
    assert signed_in(ann).post(f"/policy/{act}/", {"mark": mark(), "answer_at": "0.99", "why": "x", "right": "yes"}).status_code == 403
    assert (publishing.draft(), PolicyVersion.live(), publishing.review().at) == (draft, None, None)


def test_the_rail_leads_leads_to_it(lead: Client, signed_in: SIGN_IN, ann: Agent) -> None:
    assert 'href="/policy/"' in lead.get("/queue/").content.decode()
    assert 'href="/policy/"' not in signed_in(ann).get("/queue/").content.decode()


def test_the_page_shows_what_its_stream_pushes(lead: Client, cara: Agent) -> None:
    publishing.begin(cara)
    assert contains(lead.get("/policy/").content.decode(), PolicyPage("all"))


def test_the_live_half_is_for_leads(ann: Agent, cara: Agent) -> None:
    assert (PolicyPage("all").may_watch(cara), PolicyPage("all").may_watch(ann), PolicyPage("x").may_watch(cara)) == (True, False, False)


def test_saving_what_is_shown_opens_no_draft(lead: Client) -> None:
    assert save(lead).status_code == 303
    assert publishing.draft() is None


def test_the_first_change_opens_a_draft_and_nothing_goes_live(lead: Client, cara: Agent) -> None:
    save(lead, answer_at="0,9", clarify_at="0.70", shadow_share="10", refund_above="€ 250", mood_falls="3")
    made = drafted()
    assert (made.answer_at, made.clarify_at, made.shadow_share, made.refund_above, made.mood_falls) == (0.9, 0.7, 0.1, 250, 3)
    assert (PolicyVersion.in_force(), publishing.draft().made_by) == (Policy.model_validate({}), cara)


@pytest.mark.parametrize(("typed", "words"), [
    ({"answer_at": "lots"}, "A number, please."),
    ({"answer_at": "1.5"}, "At most 1."),
    ({"answer_at": "0.5"}, "Not above the limit to answer from."),
    ({"mood_falls": "1"}, "At least 2."),
    ({"mood_falls": "2.5"}, "A whole number, please."),
    ({"shadow_share": "150"}, "At most 100 %."),
    ({"check_in_every": "99999999999999"}, "At most"),
    ({"humans_only__safety__label": " "}, "Give it a name."),
    ({"add": "humans_only"}, "Give it a name."),
    ({"add": "humans_only", "new__humans_only__label": "Pets"}, "Say by which words or intents it is recognised."),
    ({"add": "humans_only", "new__humans_only__label": "Pets", "new__humans_only__phrases": "my dog\n* | *"}, "“* | *” is never found"),
    ({"humans_only__safety__phrases": "* fire"}, "“* fire” is never found"),
    ({"turns_a_minute": "9" * 30}, "At most"),
    ({"add": "limits"}, "Say which intent."),
    ({"add": "limits", "new__limits__intent": "x" * 101}, "At most 100 characters."),
    ({"humans_only__safety__label": "x" * 101}, "At most 100 characters."),
])  # fmt: skip
def test_what_makes_no_policy_is_said_beside_its_field_and_kept(lead: Client, typed: dict[str, str], words: str) -> None:
    answer = save(lead, refund_above="77", **typed)
    page = answer.content.decode()
    assert (answer.status_code, publishing.draft()) == (422, None)
    assert words in page
    assert 'value="77"' in page


def test_what_no_database_keeps_never_reaches_one(lead: Client) -> None:
    assert "A number, please." in save(lead, refund_above="inf").content.decode()
    assert publishing.draft() is None
    save(lead, add="humans_only", new__humans_only__label="My\x00 pets", new__humans_only__phrases="my \x00dog")
    assert (drafted().humans_only[-1].label, drafted().humans_only[-1].phrases) == ("My pets", ("my dog",))


def test_a_field_that_is_left_saves_without_replacing_fields(lead: Client) -> None:
    answer = lead.post("/policy/draft/", form(answer_at="0.9"), headers={"HX-Request": "true"}).content.decode()
    assert drafted().answer_at == 0.9
    assert 'name="answer_at"' not in answer
    assert f'value="{mark()}"' in answer
    wrong = lead.post("/policy/draft/", form(answer_at="9"), headers={"HX-Request": "true"}).content.decode()
    assert 'id="f-answer_at-wrong" hx-swap-oob="true">At most 1.' in wrong
    assert drafted().answer_at == 0.9


def test_topics_come_change_and_go(lead: Client) -> None:
    save(lead, add="humans_only", new__humans_only__label="My pets", new__humans_only__phrases="my dog\nmy cat", new__humans_only__team="billing")
    made = drafted().humans_only[-1]
    assert (made.code, made.label, made.phrases, made.team) == ("my_pets", "My pets", ("my dog", "my cat"), "billing")
    save(lead, humans_only__my_pets__intents="pet, vet")
    assert drafted().humans_only[-1].intents == ("pet", "vet")
    save(lead, remove="humans_only.my_pets")
    assert "my_pets" not in {topic.code for topic in drafted().humans_only}


def test_an_intent_gets_limits_of_its_own_and_loses_them(lead: Client) -> None:
    save(lead, add="limits", new__limits__intent="Bank.Fee")
    save(lead, **{"limits.bank.fee.answer_at": "0.95"})
    assert (drafted().limits_of("bank.fee").answer_at, drafted().answer_at) == (0.95, 0.85)
    save(lead, remove="limits.bank.fee")
    assert drafted().limits == {}


def test_two_leads_do_not_overwrite_each_other(lead: Client) -> None:
    seen = form(answer_at="0.95")
    save(lead, answer_at="0.9")
    answer = lead.post("/policy/draft/", seen)
    assert (answer.status_code, drafted().answer_at) == (409, 0.9)
    assert "Somebody changed the policy while you looked at it" in answer.content.decode()


def test_publishing_waits_for_a_replay_that_was_looked_at(lead: Client, conversation: Conversation) -> None:
    turns.take(conversation, "How do I change my plan?")
    turns.propose(Conversation.objects.get(pk=conversation.pk), Proposal("In the settings.", confidence=0.87), client_id="1")
    save(lead, answer_at="0.9")
    assert lead.post("/policy/publish/", {"mark": mark(), "why": "surer"}).status_code == 409
    assert lead.post("/policy/replay/").status_code == 303
    assert "Waiting for a worker" in lead.get("/policy/").content.decode()
    assert lead.post("/policy/publish/", {"mark": mark(), "why": "surer"}).status_code == 409
    simulation.work()
    assert "Look at 1 more conversation that would change." in lead.get("/policy/").content.decode()
    flip = Flip.objects.get()
    assert lead.post(f"/policy/flips/{flip.pk}/mark/", {"right": "yes"}).status_code == 303
    assert lead.post("/policy/publish/", {"mark": mark(), "why": " "}).status_code == 409
    assert lead.post("/policy/publish/", {"mark": mark(), "why": "surer"}).status_code == 303
    assert (PolicyVersion.in_force().answer_at, PolicyVersion.live().why, publishing.draft()) == (0.9, "surer", None)


def test_without_history_the_replay_of_nothing_opens_publishing(lead: Client) -> None:
    save(lead, answer_at="0.9")
    lead.post("/policy/replay/")
    simulation.work()
    page = lead.get("/policy/").content.decode()
    assert "There is no history yet" in page
    assert "Publishing is open." in page


def test_a_replay_can_be_stopped(lead: Client) -> None:
    save(lead, answer_at="0.9")
    lead.post("/policy/replay/")
    lead.post("/policy/cancel/")
    assert Replay.objects.count() == 0


def test_a_file_without_a_conversation_opens_nothing(lead: Client) -> None:
    save(lead, answer_at="0.9")
    lead.post("/policy/replay/", {"file": SimpleUploadedFile("x.gz", gzip.compress(b"garbage\n"))})
    simulation.work()
    page = lead.get("/policy/").content.decode()
    assert "No conversation of the file could be read." in page
    assert lead.post("/policy/publish/", {"mark": mark(), "why": "nobody will see"}).status_code == 409


def test_a_file_that_is_no_history_is_refused_in_words(lead: Client) -> None:
    save(lead, answer_at="0.9")
    answer = lead.post("/policy/replay/", {"file": SimpleUploadedFile("x.gz", b"not gzip")})
    assert (answer.status_code, Replay.objects.count()) == (409, 0)
    assert "The file is no whole gzip" in answer.content.decode()


@pytest.fixture
def judged(juniper: Assistant, cara: Agent) -> int:
    """Judged answers of two hundred customers, right wherever the assistant was surer than 0.6."""
    customers = Customer.objects.bulk_create(Customer(assistant=juniper, external_id=f"j{n}", name="Somebody") for n in range(200))
    conversations = Conversation.objects.bulk_create(
        Conversation(assistant=juniper, answered_by=juniper, customer=customer, external_id=customer.external_id) for customer in customers
    )
    rows = ProposalRecord.objects.bulk_create(
        ProposalRecord(conversation=conversation, client_id="1", text="In the settings.", confidence=0.5 + n / 400, intent="plan", action="answer")
        for n, conversation in enumerate(conversations)
    )
    for row in rows:
        verdicts.judge(row, row.confidence > 0.6, cara)
    return len(rows)


def test_a_limit_is_found_for_the_share_of_wrong_answers_a_team_accepts(lead: Client, judged: int) -> None:
    save(lead, find="*", accept="5")
    made = drafted()
    assert made.accepted_wrong == 0.05
    assert made.answer_at == verdicts.suggest("", 0.05).limit
    assert verdicts.suggest("", 0.05).words in unescape(lead.get("/policy/").content.decode())
    save(lead, answer_at="0.99")
    assert (drafted().answer_at, drafted().accepted_wrong) == (0.99, None)


@pytest.mark.parametrize("share", ["0", "100", "few", "", "nan", "1e-320"])
def test_a_share_that_is_none_is_refused(lead: Client, judged: int, share: str) -> None:
    answer = save(lead, find="*", accept=share)
    assert (answer.status_code, publishing.draft()) == (422, None)
    assert "More than 0 and less than 100 %." in answer.content.decode()


def test_too_few_judged_answers_find_no_limit_and_say_so(lead: Client) -> None:
    answer = save(lead, find="*", accept="5")
    assert (answer.status_code, publishing.draft()) == (422, None)
    assert verdicts.suggest("", 0.05).words in unescape(answer.content.decode())


def test_answers_to_judge_come_one_after_the_other(lead: Client, cara: Agent, conversation: Conversation) -> None:
    turns.take(conversation, "How do I change my plan?")
    sources = ({"title": "Plan records"}, {"title": "Plans", "url": "https://example.com/plans"})
    turns.propose(Conversation.objects.get(pk=conversation.pk), Proposal("In the settings.", confidence=0.93, sources=sources), client_id="1")
    page = lead.get("/policy/answers/").content.decode()
    assert "In the settings." in page
    assert "Plan records" in page
    assert "0.93" not in page
    proposal = ProposalRecord.objects.get()
    assert lead.post(f"/policy/answers/{proposal.pk}/", {"right": "no"}).headers["Location"] == "/policy/answers/"
    assert [(row.right, row.by) for row in Verdict.objects.all()] == [(False, cara)]
    assert "Nothing to judge" in lead.get("/policy/answers/").content.decode()


def test_what_chance_did_not_draw_is_not_judged(lead: Client, conversation: Conversation) -> None:
    turns.take(conversation, "How do I change my plan?")
    turns.propose(Conversation.objects.get(pk=conversation.pk), Proposal("Perhaps so.", confidence=0.2), client_id="1")
    assert lead.post(f"/policy/answers/{ProposalRecord.objects.get().pk}/", {"right": "no"}).status_code == 404
    assert not Verdict.objects.exists()


def test_agents_do_not_judge(signed_in: SIGN_IN, ann: Agent) -> None:
    client = signed_in(ann)
    assert (client.get("/policy/answers/").status_code, client.post("/policy/answers/1/", {"right": "yes"}).status_code) == (403, 403)


def test_what_was_discarded_is_gone(lead: Client) -> None:
    save(lead, answer_at="0.9")
    lead.post("/policy/discard/", {"mark": mark()})
    assert publishing.draft() is None


def test_an_earlier_version_becomes_a_draft_again(lead: Client, policy: Callable[..., PolicyVersion]) -> None:
    first = policy(answer_at=0.99)
    policy(answer_at=0.8)
    assert lead.post(f"/policy/versions/{first.pk}/").status_code == 303
    assert drafted().answer_at == 0.99
    assert lead.post(f"/policy/versions/{first.pk}/").status_code == 409


def test_a_review_is_noted(lead: Client, cara: Agent) -> None:
    assert "Nobody has read through this list yet" in lead.get("/policy/").content.decode()
    lead.post("/policy/reviewed/")
    assert "Read through by Cara Example" in lead.get("/policy/").content.decode()


def test_the_wall_reminds_of_the_review_until_it_is_done(lead: Client, cara: Agent) -> None:
    assert "Nobody has read through the people-only list yet" in lead.get("/wall/").content.decode()
    publishing.reviewed(cara)
    assert "people-only list" not in lead.get("/wall/").content.decode()
    PolicyVersion.objects.update(reviewed_at=timezone.now() - timedelta(days=31))
    assert "The people-only list is due for its monthly review" in lead.get("/wall/").content.decode()


def test_the_page_asks_the_database_as_often_for_one_topic_as_for_many(lead: Client, cara: Agent, django_assert_num_queries: Any) -> None:
    draft = publishing.begin(cara)
    with CaptureQueriesContext(connection) as few:
        lead.get("/policy/")
    topics = [{"code": f"t{n}", "label": f"Topic {n}", "phrases": [f"word {n}"]} for n in range(30)]
    publishing.change(draft, {"humans_only": topics, "limits": {f"intent {n}": {"answer_at": 0.9} for n in range(30)}}, cara)
    with django_assert_num_queries(len(few)):
        lead.get("/policy/")


def test_a_conversation_that_would_change_can_be_read(lead: Client, cara: Agent, handoff: Handoff) -> None:
    draft = publishing.begin(cara)
    replay = Replay.objects.create(draft=draft, body=draft.body, asked_by=cara)
    flip, other = (
        Flip.objects.create(replay=replay, conversation=conversation, words="I was charged twice", before={"action": "answer"}, after={"action": "hand_off"})
        for conversation in (handoff.conversation, None)
    )
    assert "order A-20817" in lead.get(f"/policy/flips/{flip.pk}/").content.decode()
    assert lead.get(f"/policy/flips/{other.pk}/").status_code == 200
    answer = lead.post(f"/policy/flips/{flip.pk}/mark/", {"right": "no", "go_on": "yes"})
    assert answer.headers["Location"] == f"/policy/flips/{other.pk}/"
    flip.refresh_from_db()
    assert (flip.right, flip.by) == (False, cara)
    assert lead.post(f"/policy/flips/{flip.pk}/mark/", {"right": "perhaps"}).status_code == 404


def test_a_lead_says_what_a_copilot_answers_alone(lead: Client, juniper: Assistant) -> None:
    Assistant.objects.update(copilot=True)
    save(lead, autonomy__juniper="Refund, order_status\n refund,")
    assert drafted().autonomy == {"juniper": ("refund", "order_status")}
    page = lead.get("/policy/").content.decode()
    assert 'value="refund, order_status"' in page
    assert "As a copilot, juniper answers alone: Refund, Order status." in unescape(page)
    save(lead, autonomy__juniper=" ")
    assert drafted().autonomy == {}


def test_an_intent_too_long_to_be_one_is_said_beside_its_field(lead: Client, juniper: Assistant) -> None:
    Assistant.objects.update(copilot=True)
    answer = save(lead, autonomy__juniper="x" * 101)
    assert (answer.status_code, publishing.draft()) == (422, None)
    assert '<span class="wrong" id="f-autonomy-juniper-wrong">At most 100 characters.</span>' in answer.content.decode()
    quietly = lead.post("/policy/draft/", form(autonomy__juniper="x" * 101), headers={"HX-Request": "true"}).content.decode()
    assert '<span class="wrong" id="f-autonomy-juniper-wrong" hx-swap-oob="true">At most 100 characters.</span>' in quietly
    mended = lead.post("/policy/draft/", form(autonomy__juniper=""), headers={"HX-Request": "true"}).content.decode()
    assert '<span class="wrong" id="f-autonomy-juniper-wrong" hx-swap-oob="true"></span>' in mended
    assert "Too many" in save(lead, autonomy__juniper=",".join(f"i{number}" for number in range(201))).content.decode()


def test_the_page_says_what_became_of_a_copilots_drafts(lead: Client, juniper: Assistant, conversation: Conversation, ann: Agent) -> None:
    assert "Answers customers itself" in lead.get("/policy/").content.decode()
    Assistant.objects.update(copilot=True)
    ProposalRecord.objects.create(conversation=conversation, client_id="d", text="Yes.", intent="refund", action="draft", review="approved", reviewed_by=ann)
    page = lead.get("/policy/").content.decode()
    assert '<th scope="row">refund</th><td class="num">1</td><td class="num">0</td><td class="num">0</td><td class="num">0</td>' in page
    assert "100% <span class=\"muted\">21% to 100%</span>" in page
