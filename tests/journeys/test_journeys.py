"""What people would lose if it broke, as they would live it: each journey is named after what it prevents."""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from handoffs import handback, receiving
from handoffs.models import Agent, Conversation, CustomerRecord, Handoff, PolicyVersion, RecordSource
from tests.conftest import reload
from tests.crm import serving
from tests.journeys.conftest import Talk
from tests.servers import wait_for

AgentPage = Callable[..., Page]
CustomerPage = Callable[..., Page]
Open = Callable[..., Talk]

SMALL_TALK = """
    aunt lamp rose garden uncle sofa tulip meadow sister chair daisy balcony brother shelf lily terrace cousin mirror fern hallway
    nephew carpet moss kitchen niece curtain ivy bathroom grandson pillow basil bedroom neighbour blanket thyme attic postman basket
    sage cellar teacher bucket mint garage dentist ladder dill porch plumber hammer cress shed baker kettle leek roof butcher
    teapot onion wall tailor spoon radish window
"""
SEARCH = {"step": "Searched the cancel steps", "outcome": "failed", "detail": "no button on legacy billing"}


def talk_to_a_person(talk: Talk) -> None:
    talk.customer("Hello there")
    talk.customer("I want a refund, I was charged €14 twice for Pro on order A-20817")
    talk.assistant("You can see your charges in Billing.", confidence=0.93, attempts=[SEARCH])
    talk.customer("That is not working. Can I talk to a real person?")


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send", exact=True).click()


def reply(page: Page, text: str) -> None:
    page.locator("#reply").fill(text)
    page.locator("#reply").press("Control+Enter")


def press(page: Page, key: str) -> None:
    """A key of the page that is being looked at: its script must have come, not only its words."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def cut(page: Page) -> None:
    """The line goes dead, and the open socket with it."""
    page.context.set_offline(True)
    page.evaluate("document.querySelector('[ws-connect]')['htmx-internal-data'].webSocket.socket.close()")


def test_bot_loop(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    """A customer who asks the same again and again gets a person without having to find the words."""
    page, chat = agent_page(ann), talk()
    asked = ("Where is my refund?", "I asked where my refund is", "My refund, where is it?")
    for question, answer in zip(asked, ("It takes 5 days.", "Refunds are quick.", ""), strict=True):
        decision = chat.customer(question)["decision"]
        if decision["action"] == "answer":
            chat.assistant(answer, confidence=0.95)
    assert (decision["action"], decision["trigger"]) == ("hand_off", "repeated_failure")
    expect(page.locator("#queue-list")).to_contain_text("Asked the same 3 times")


def test_cold_transfer(talk: Open, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent) -> None:
    """The agent knows the feeling, the need and what was tried before the first word; the customer repeats nothing."""
    chat, page = talk(), agent_page(ann)
    talk_to_a_person(chat)
    card = page.locator("#queue-list li", has_text="Amara Osei")
    expect(card).to_contain_text("Frustrated")
    card.locator("a.card").click()
    expect(page.locator(".mood-bar")).to_contain_text("Open with an apology and skip the basics.")
    expect(page.locator(".brief__goal")).to_contain_text("charged €14 twice")
    expect(page.locator(".tried")).to_contain_text("Searched the cancel steps")
    expect(page.locator(".tried")).to_contain_text("no button on legacy billing")
    press(page, "c")
    expect(page.locator("#reply")).to_be_focused()
    customer = customer_page(chat.conversation)
    reply(page, "Hi Amara, I can refund that right now.")
    expect(customer.locator("#log")).to_contain_text("Hi Amara, I can refund that right now.")
    say(customer, "Yes please")
    expect(page.locator("#log")).to_contain_text("Yes please")


def test_transcript_dump(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    """Forty turns arrive as a brief that can be read in five seconds, not as forty turns."""
    chat = talk()
    words = iter(SMALL_TALK.split())
    for first, second, third, fourth in zip(words, words, words, words, strict=True):
        chat.customer(f"My {first} liked your {second}")
        chat.assistant(f"A {third} for the {fourth}, lovely.", confidence=0.9)
    talk_to_a_person(chat)
    page = agent_page(ann, f"/handoffs/{Handoff.objects.get().pk}/")
    summary = page.locator(".brief__sum p").inner_text()
    assert len(summary.split()) <= 60
    expect(page.locator(".brief__goal p")).to_have_text("Refund: charged €14 twice for Pro on order A-20817")
    # Asked at once: a push may replace the brief between two questions.
    assert page.evaluate("document.querySelector('.brief').getBoundingClientRect().top < document.querySelector('#log').getBoundingClientRect().bottom")


def test_wrong_queue(talk: Open, agent_page: AgentPage, ann: Agent, dan: Agent) -> None:
    """It waits with the right team at once; when it does not, one move with a note mends it and the customer knows."""
    chat, billing, technical = talk(), agent_page(ann), agent_page(dan)
    talk_to_a_person(chat)
    billing.locator("#queue-list li a.card").click()
    expect(technical.locator("#queue-list")).to_contain_text("No one is waiting")
    expect(billing.get_by_role("button", name="Route elsewhere")).to_be_visible()
    press(billing, "t")
    billing.get_by_label("Team", exact=True).select_option("technical")
    billing.get_by_label("Note for them").fill("The camera is the real problem")
    billing.get_by_role("button", name="Transfer", exact=True).click()
    technical.locator("#queue-list li a.card").click()
    expect(technical.locator(".notes")).to_contain_text("The camera is the real problem")
    assert "This needs our Product help team." in chat.conversation.turns.last().text


def test_hidden_handoff(talk: Open, customer_page: CustomerPage, ann: Agent, policy: Callable[..., PolicyVersion]) -> None:
    """The customer sees that they are being passed on, by whom they are met, and who has them afterwards."""
    policy(undo_for=1)
    chat = talk()
    chat.customer("I was charged twice, I want a refund")
    page = customer_page(chat.conversation)
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.locator("#room")).to_contain_text("connecting you with a person")
    expect(page.locator("#room")).to_contain_text("next")
    handoff = reload(Handoff.objects.get())
    receiving.claim(handoff, ann)
    expect(page.locator("#log")).to_contain_text("Ann")
    expect(page.locator("#head")).to_contain_text("Ann")
    receiving.resolve(reload(handoff), ann, resolution="Refunded €14")
    expect(page.locator(".recap")).to_contain_text("Refunded €14")
    page.get_by_label("Yes", exact=True).check(force=True)
    page.get_by_label("Good").check(force=True)
    page.locator("#after").get_by_role("button", name="Send").click()
    wait_for(lambda: hasattr(reload(handoff), "survey"), what="the survey")
    assert (reload(handoff).survey.repeated, reload(handoff).survey.help) == ("yes", 4)


def test_silent_failure(talk: Open, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent, policy: Callable[..., PolicyVersion]) -> None:
    """An assistant that never answers is found by the sweep; the customer is told, and a person gets it."""
    policy(silent_after=1)
    chat, page = talk(), agent_page(ann)
    customer = customer_page(chat.conversation)
    say(customer, "Is my refund on its way?")
    expect(customer.locator("#log")).to_contain_text("Is my refund on its way?")
    expect(page.locator("#queue-list")).to_contain_text("No answer for")
    expect(customer.locator("body")).to_contain_text("That should have been answered by now")


def test_nobody_is_forgotten_in_the_waiting_room(talk: Open, customer_page: CustomerPage, ann: Agent, policy: Callable[..., PolicyVersion]) -> None:
    """While somebody waits, the waiting room speaks up on time, by itself."""
    policy(check_in_every=2)
    chat = talk()
    talk_to_a_person(chat)
    page = customer_page(chat.conversation)
    expect(page.locator("#room")).to_contain_text("Still here.")


def test_a_chat_that_closes_takes_no_more_words(talk: Open, customer_page: CustomerPage, ann: Agent) -> None:
    chat = talk()
    talk_to_a_person(chat)
    page = customer_page(chat.conversation)
    expect(page.locator("#write")).to_be_visible()
    receiving.claim(reload(Handoff.objects.get()), ann)
    receiving.resolve(reload(Handoff.objects.get()), ann, hands_back=False)
    handback.close(reload(Handoff.objects.get()))
    expect(page.locator("#head")).to_contain_text("This chat is closed")
    expect(page.locator("#write")).to_be_hidden()


def test_double_claim(talk: Open, agent_page: AgentPage, ann: Agent, bob: Agent) -> None:
    """Two agents press at the same moment: one has it, the other reads who."""
    talk_to_a_person(talk())
    handoff = reload(Handoff.objects.get())
    loser_page = agent_page(bob, f"/handoffs/{handoff.pk}/")
    start, outcomes = Barrier(8), []

    def press() -> None:
        start.wait()
        try:
            receiving.claim(reload(handoff), ann)
            outcomes.append("won")
        except Exception as error:
            outcomes.append(type(error).__name__)

    threads = [Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {"won", "Stale"}
    assert handoff.steps.filter(verb="claimed").count() == 1
    expect(loser_page.locator(f"#owner-{handoff.pk}")).to_contain_text("Ann claimed this")


def test_the_loser_of_a_claim_is_told_who_was_faster(talk: Open, agent_page: AgentPage, ann: Agent, bob: Agent) -> None:
    talk_to_a_person(talk())
    handoff = reload(Handoff.objects.get())
    page = agent_page(bob, f"/handoffs/{handoff.pk}/")
    page.evaluate("document.querySelector('[ws-connect]').remove()")
    receiving.claim(handoff, ann)
    page.locator("[data-claim]").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else was faster. Ann has it now.")
    expect(page).to_have_url(re.compile(f"/handoffs/{handoff.pk}/$"))
    asked = []
    page.on("request", lambda request: asked.append(request.method) if request.is_navigation_request() else None)
    page.reload()
    expect(page.locator(".claimbar")).to_contain_text("Ann claimed this")
    assert (asked, reload(handoff).agent) == (["GET"], ann)


def test_reload_in_the_middle(talk: Open, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent) -> None:
    """A reload loses nothing: not the draft, not the place, not a turn; and nothing is said twice."""
    chat = talk()
    talk_to_a_person(chat)
    customer = customer_page(chat.conversation)
    customer.reload()
    expect(customer.locator("#room")).to_contain_text("next")
    page = agent_page(ann, f"/handoffs/{Handoff.objects.get().pk}/")
    page.keyboard.press("c")
    expect(page.locator("#reply")).to_be_focused()
    page.locator("#reply").fill("Half a thought")
    page.reload()
    expect(page.locator("#reply")).to_have_value("Half a thought")
    reply(page, "A whole thought")
    expect(page.locator("#log")).to_contain_text("A whole thought")
    page.reload()
    customer.reload()
    for reader in (page, customer):
        expect(reader.get_by_text("A whole thought", exact=True)).to_have_count(1)


def test_socket_cut_and_back(talk: Open, agent_page: AgentPage, customer_page: CustomerPage, ann: Agent) -> None:
    """What was said while the line was down is there when it is back, once and in order."""
    chat = talk()
    talk_to_a_person(chat)
    handoff = reload(Handoff.objects.get())
    receiving.claim(handoff, ann)
    customer, page = customer_page(chat.conversation), agent_page(ann, f"/handoffs/{handoff.pk}/")
    for reader in (customer, page):
        expect(reader.locator("#log")).to_contain_text("Ann")
        cut(reader)
    for number in range(3):
        receiving.say(reload(handoff), ann, f"said in the dark, {number}", client_id=str(number))
    chat.customer("and I answered in the dark")
    for reader in (customer, page):
        reader.context.set_offline(False)
        expect(reader.locator("#log")).to_contain_text("and I answered in the dark")
        numbers = reader.locator("#log [data-number]").evaluate_all("turns => turns.map(turn => Number(turn.dataset.number))")
        assert numbers == sorted(set(numbers))
        for number in range(3):
            expect(reader.get_by_text(f"said in the dark, {number}", exact=True)).to_have_count(1)


def test_a_lost_agent(talk: Open, customer_page: CustomerPage, ann: Agent) -> None:
    """An agent whose computer dies does not keep a customer: the chat goes back to the front and the customer is told."""
    chat = talk()
    talk_to_a_person(chat)
    handoff = reload(Handoff.objects.get())
    receiving.claim(handoff, ann)
    page = customer_page(chat.conversation)
    Agent.objects.filter(pk=ann.pk).update(lease_until=timezone.now() - timedelta(seconds=61))
    Handoff.objects.filter(pk=handoff.pk).update(due_at=timezone.now())
    expect(page.locator("body")).to_contain_text("lost touch with Ann")
    expect(page.locator("#door")).to_contain_text("in line")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_late_message_is_refused_with_a_clear_word(talk: Open, agent_page: AgentPage, ann: Agent, cara: Agent, theme: str) -> None:
    talk_to_a_person(talk())
    handoff = reload(Handoff.objects.get())
    receiving.claim(handoff, ann)
    page = agent_page(ann, f"/handoffs/{handoff.pk}/", color_scheme=theme)
    page.locator("#reply").fill("too late")
    page.evaluate("document.querySelector('[ws-connect]').remove()")
    receiving.transfer(reload(handoff), cara, Handoff.objects.get().team.__class__.objects.get(code="technical"))
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("[data-problem]")).to_contain_text("not with you any more")
    expect(page.locator("#reply")).to_have_value("too late")
    assert not Conversation.objects.get().turns.filter(text="too late").exists()


def test_a_message_whose_answer_was_lost_is_written_once(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    talk_to_a_person(talk())
    receiving.claim(Handoff.objects.get(), ann)
    page = agent_page(ann, f"/handoffs/{Handoff.objects.get().pk}/")

    def lose(route: Route) -> None:
        route.fetch()
        route.fulfill(status=502)

    page.route("**/turns/", lose, times=1)
    page.locator("#reply").fill("once")
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("[data-problem]")).to_contain_text("Not known to be sent")
    page.reload()
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#reply")).to_have_value("")
    assert Conversation.objects.get().turns.filter(text="once").count() == 1


def test_a_note_whose_answer_was_lost_is_kept_once(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    talk_to_a_person(talk())
    page = agent_page(ann, f"/handoffs/{Handoff.objects.get().pk}/")

    def lose(route: Route) -> None:
        route.fetch()
        route.fulfill(status=502)

    page.route("**/notes/", lose, times=1)
    press(page, "n")
    form = page.locator("#note")
    form.get_by_role("textbox").fill("Checked the invoice")
    form.get_by_role("button", name="Add note").click()
    expect(form).to_contain_text("Not saved: the server did not answer. Your words are safe here; add it again.")
    form.get_by_role("button", name="Add note").click()
    expect(page.locator(".notes")).to_contain_text("Checked the invoice")
    assert Handoff.objects.get().steps.filter(verb="noted").count() == 1


def test_a_supervisor_moves_a_handoff_from_the_wall(talk: Open, agent_page: AgentPage, cara: Agent, dan: Agent) -> None:
    page = agent_page(cara, "/wall/")
    talk_to_a_person(talk())
    expect(page.locator("#wall-teams tr", has_text="Billing")).to_contain_text("1 waiting")
    Handoff.objects.update(promise_due_at=timezone.now() + timedelta(seconds=40), waiting_since=timezone.now() - timedelta(minutes=4))
    receiving.note(reload(Handoff.objects.get()), cara, "look at this")
    page.get_by_role("button", name="Move to").click()
    wait_for(lambda: Handoff.objects.get().team.code != "billing", what="the move")
    assert Handoff.objects.get().steps.last().by == "supervisor"


def test_a_line_that_flaps_leaves_one_socket(talk: Open, customer_page: CustomerPage, ann: Agent) -> None:
    chat = talk()
    chat.customer("hello there")
    page = customer_page(chat.conversation)
    expect(page.locator("#log")).to_contain_text("hello there")
    sockets = []
    page.on("websocket", lambda socket: sockets.append(socket))
    for _ in range(4):
        cut(page)
        page.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online')); document.dispatchEvent(new Event('baton:reconnect'))")
    chat.customer("after the flapping")
    expect(page.locator("#log")).to_contain_text("after the flapping")
    # The page is asked each time, because its events arrive only then.
    is_open = "document.querySelector('[ws-connect]')['htmx-internal-data'].webSocket.socket.readyState === 1"
    wait_for(lambda: bool(page.evaluate(is_open)) and sum(not socket.is_closed() for socket in sockets) == 1, what="a single open socket")


CUT_AND_PULL = """() => new Promise(done => {
  document.addEventListener("htmx:wsClose", () => { document.dispatchEvent(new Event("baton:pull")); done(); }, { once: true });
  document.addEventListener("htmx:afterRequest", () => { document.body.dataset.answered = ""; });
  document.querySelector("[ws-connect]")["htmx-internal-data"].webSocket.socket.close();
})"""


def test_an_answer_that_was_asked_for_while_the_line_was_cut_covers_nothing_newer(talk: Open, customer_page: CustomerPage, ann: Agent) -> None:
    chat, late = talk(), []
    talk_to_a_person(chat)
    page = customer_page(chat.conversation)
    expect(page.locator("#room")).to_be_visible()
    page.route("**/live/pull/**", lambda route: late.append((route, route.fetch())))
    page.evaluate(CUT_AND_PULL)
    # The page is asked each time, because its events arrive only then.
    wait_for(lambda: bool(page.title() and late), what="the page to ask")
    receiving.claim(reload(Handoff.objects.get()), ann)
    expect(page.locator("#room")).to_be_hidden()
    (route, old), *_ = late
    route.fulfill(response=old)
    expect(page.locator("body[data-answered]")).to_have_count(1)
    assert not page.locator("#room").is_visible()


def test_hanging_records(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    """A customers' system that hangs costs the agent nothing; what another one knows comes by itself, and one press asks again."""
    with serving() as crm:
        for code, name in (("c", "CRM"), ("hang", "Shop")):
            settings = {"url": f"{crm.url}/{code}/{{external_id}}", "account": {"plan": "subscription.plan"}, "timeout": 0.2}
            RecordSource.objects.create(code=code, name=name, plugin="http", settings=settings)
        chat = talk(external_id="amara")
        talk_to_a_person(chat)
        handoff = Handoff.objects.get(conversation=chat.id)
        page = agent_page(ann, f"/handoffs/{handoff.pk}/")
        expect(page.locator(".person")).to_contain_text("Family")
        CustomerRecord.objects.filter(source__code="hang").update(due_at=None, tries=3, error="took longer than 0.2 s")
        page.reload()
        page.locator(".lookups__failed").get_by_role("button").click()
        expect(page.locator(".person")).to_contain_text("Looking up Shop again")
