"""Words that come from somewhere else: what an assistant or a colleague wrote is put into the box, and a person sends it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from handoffs import canned
from handoffs.canned import Written
from handoffs.models import Agent, Assistant, Handoff, ProposalRecord
from tests.browser.test_accessibility import OPTIONS, look
from tests.journeys.conftest import Talk
from tests.servers import wait_for

AgentPage = Callable[..., Page]
Open = Callable[..., Talk]
ANSWER = "The second charge of 14 € goes back to your card within 5 days."


def claim(page: Page) -> None:
    page.wait_for_load_state()
    page.keyboard.press("c")
    expect(page.locator("#reply")).to_be_focused()


def box(page: Page) -> str:
    return page.locator("#reply").input_value()


def test_a_copilots_draft_is_used_approved_and_replaced_live(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    """The assistant never speaks itself; the agent reads its draft, sends it with two keys, and sees the next one without a reload."""
    Assistant.objects.update(copilot=True)
    conversation = talk()
    conversation.customer("I was charged 14 € twice, when is it refunded?")
    handed = conversation.assistant(ANSWER, confidence=0.95, intent="refund", sources=[{"title": "Refunds"}])["decision"]
    assert (handed["action"], handed["trigger"]) == ("hand_off", "copilot")
    page = agent_page(ann, f"/handoffs/{handed['handoff']['id']}/", **OPTIONS)
    draft = page.get_by_role("region", name="Draft of Juniper")
    expect(draft).to_contain_text("It read Refunds")
    claim(page)
    look(page, "draft")
    page.locator("#reply").fill("Hello Amara.")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.locator("[data-from-draft]")).to_have_text("Draft from Juniper, edited")
    assert box(page) == f"{ANSWER}\nHello Amara."
    page.keyboard.press("Control+z")
    assert box(page) == "Hello Amara."
    page.locator("#reply").fill("")
    draft.get_by_role("button", name="Use draft").click()
    expect(page.locator("[data-from-draft]")).to_have_text("Draft from Juniper")
    page.reload()
    expect(page.locator("[data-from-draft]")).to_have_text("Draft from Juniper")
    page.locator("#reply").press("Control+Enter")
    expect(page.locator("#log")).to_contain_text(ANSWER)
    expect(draft).to_be_hidden()
    wait_for(lambda: ProposalRecord.objects.filter(review="approved", reviewed_by=ann).exists(), what="the review")
    conversation.customer("And the other one?")
    assert conversation.assistant("That one stays.")["decision"]["action"] == "draft"
    expect(draft).to_contain_text("That one stays.")
    draft.get_by_role("button", name="Reject").click()
    page.get_by_label("What is wrong with it?").fill("Both were ours")
    page.get_by_role("button", name="Reject", exact=True).last.click()
    expect(page.get_by_text("Both were ours")).to_be_visible()
    assert ProposalRecord.objects.get(text="That one stays.").review == "rejected"


def test_a_canned_reply_is_found_filled_in_and_never_sent_with_a_gap_unseen(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    """Slash, a few letters, Enter: the names are right, and what nobody knows asks to be filled in before it goes out."""
    canned.save(ann, Written("billing", "refund-made", "Refunded", "Hi {{ customer }}, order {{ order number }} is refunded to {{ account holder }}."))
    canned.save(ann, Written("billing", "bye", "Goodbye", "Goodbye."))
    conversation = talk()
    conversation.customer("I was charged twice for order A-20817, can I talk to a real person?")
    page = agent_page(ann, "/queue/", **OPTIONS)
    page.wait_for_load_state()
    claim(page)
    reply, find, options = page.locator("#reply"), page.get_by_role("combobox", name="Find a canned reply"), page.get_by_role("option")
    reply.press("/")
    expect(find).to_be_focused()
    expect(options).to_have_count(2)
    look(page, "menu")
    find.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    find.press_sequentially("bye")
    expect(options).to_have_count(1)
    find.press("Escape")
    expect(reply).to_be_focused()
    assert box(page) == ""
    reply.press_sequentially("//")
    assert box(page) == "/"
    reply.fill("")
    reply.press("/")
    find.press_sequentially("refund")
    find.press("Enter")
    assert box(page) == "Hi Amara, order A-20817 is refunded to [account holder]."
    reply.press("Control+Enter")
    expect(page.locator("[data-problem]")).to_have_text("Not sent: [account holder] is not filled in. Send again to send it as it is.")
    page.keyboard.type("Amara Osei")
    assert box(page) == "Hi Amara, order A-20817 is refunded to Amara Osei."
    reply.press("Control+Enter")
    expect(page.locator("#log")).to_contain_text("refunded to Amara Osei.")


def test_the_menu_works_with_a_finger(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    """On a phone the button opens it, a tap puts the reply in, and a second one goes where the first ended."""
    canned.save(ann, Written("billing", "bye", "Goodbye", "Goodbye."))
    conversation = talk()
    conversation.customer("I was charged twice, can I talk to a real person?")
    page = agent_page(ann, "/queue/", viewport={"width": 390, "height": 844}, has_touch=True, **OPTIONS)
    page.get_by_role("link", name="Queue").last.tap()
    page.locator("#queue-list .card").tap()
    page.get_by_role("button", name="Claim and reply").tap()
    for _ in range(2):
        page.locator("#reply").tap()
        page.get_by_role("button", name="Canned replies").tap()
        page.get_by_role("option").tap()
    assert box(page) == "Goodbye.Goodbye."
    look(page, "phone")
    Assistant.objects.update(copilot=True)
    conversation.assistant(ANSWER)
    page.locator("#reply").fill("")
    page.locator("#reply").tap()
    page.get_by_role("region", name="Draft of Juniper").get_by_role("button", name="Use draft").tap()
    expect(page.locator("[data-from-draft]")).to_have_text("Draft from Juniper")


def test_what_is_typed_in_a_dialog_is_kept_like_a_reply_until_it_is_sent(agent_page: AgentPage, claimed: Handoff, ann: Agent,
                                                                         policy: Callable[..., object]) -> None:
    """Whatever reloads the page takes none of it away; what has gone out is not offered once more."""
    policy(undo_for=60)
    page = agent_page(ann, f"/handoffs/{claimed.pk}/")
    resolution, note, transfer = page.locator("#resolution"), page.locator("#note-text"), page.locator("#transfer-note")

    def open_dialog(name: str) -> None:
        page.locator(f"[popovertarget={name}]:visible").first.click()

    for name, field, words in (("resolve", resolution, "Refunded 14 €"), ("note", note, "Look at her card"), ("transfer", transfer, "Her camera is off")):
        open_dialog(name)
        field.fill(words)
        page.keyboard.press("Escape")
    page.reload()
    expect(resolution).to_have_value("Refunded 14 €")
    open_dialog("note")
    expect(note).to_have_value("Look at her card")
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(f"#notes-{claimed.pk}")).to_contain_text("Look at her card")
    page.context.clear_cookies(name="csrftoken")
    open_dialog("transfer")
    page.get_by_role("button", name="Transfer", exact=True).click()
    expect(page.get_by_role("heading")).to_have_text("This page was open too long")
    page.goto(f"/handoffs/{claimed.pk}/")
    expect(transfer).to_have_value("Her camera is off")
    open_dialog("transfer")
    page.get_by_role("button", name="Transfer", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("#reply")).to_be_focused()
    expect(transfer).to_have_value("")
    expect(note).to_have_value("")
    expect(resolution).to_have_value("Refunded 14 €")


def test_what_is_wrong_with_a_draft_is_kept_for_that_one_alone(talk: Open, agent_page: AgentPage, ann: Agent) -> None:
    """What was said of a rejected draft never goes along with the rejection of another, whether that stood there from the beginning or came later."""
    Assistant.objects.update(copilot=True)
    conversation = talk()
    conversation.customer("I was charged 14 € twice, when is it refunded?")
    handed = conversation.assistant(ANSWER, confidence=0.95, intent="refund")["decision"]
    page = agent_page(ann, f"/handoffs/{handed['handoff']['id']}/")
    claim(page)
    draft, why = page.get_by_role("region", name="Draft of Juniper"), page.locator("#reject-why")

    def another(text: str) -> None:
        conversation.customer(f"What else of {text}?")
        conversation.assistant(text)
        expect(draft).to_contain_text(text)

    def find_wrong(words: str) -> None:
        draft.get_by_role("button", name="Reject").click()
        expect(why).to_have_value("")
        why.fill(words)

    for number in (1, 2):
        find_wrong(f"Wrong for the {number}. time")
        page.get_by_role("button", name="Reject", exact=True).last.click()
        expect(page.get_by_text(f"Wrong for the {number}. time")).to_be_visible()
        another(f"Answer {number}.")
    find_wrong("Too short")
    page.reload()
    expect(why).to_have_value("Too short")
    another("Answer 3.")
    page.reload()
    find_wrong("Too long")
