"""Topics of a policy's lists: phrases, what denies them, and the four triggers that read them."""

import pytest

from handoffs import detection, topics
from handoffs.policy import Policy, Topic
from handoffs.snapshots import Author, Detection, Line, Proposal, Transcript

WALRUS = (Topic(code="walrus", label="walrus", intents=("walrus",), phrases=("feed|feeds * walrus", "tusk"), team="zoo", unless=("toy",)),)


def found(text: str, trigger: str = "", policy: Policy | None = None, **line: object) -> Detection | None:
    judged = detection.detect(Transcript(lines=(Line(Author.CUSTOMER, text, 1, **line),)), policy or Policy())  # type: ignore[arg-type]
    return next((each for each in judged.detections if each.trigger == trigger), None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Please feed the walrus.", "feed the walrus"),
        ("He FEEDS my poor old Walrus", "FEEDS my poor old Walrus"),
        ("A broken tusk!", "tusk"),
        ("I can’t find who feeds the walrus", "feeds the walrus"),
        ("No, feed the walrus", "feed the walrus"),
        ("Feed my seal, then the walrus", ""),
        ("feed one two three four walrus", ""),
        ("I don't want to feed the walrus", ""),
        ("feed, not kiss, the walrus", ""),
        ("What happens if I feed the walrus?", ""),
        ("The sign says “feed the walrus”", ""),
        ("What is the tusk policy?", ""),
        ("feed my toy walrus", ""),
        ("walruses and tusks", ""),
    ],
)
def test_phrases_are_found_where_they_are_meant(text: str, words: str) -> None:
    assert [hit.words for hit in topics.raised(text, WALRUS)] == ([words] if words else [])


@pytest.mark.parametrize(("phrase", "words"), [
    ("tune my piano!", "tune my piano"), ("Tune, my piano", "tune my piano"), ("“tune” my * PIANO?", "tune my piano"),
    ("e-mail|fax", "E-MAIL"), ("24/7", "24/7"), ("AT&T", "AT&T"), ("1.299,00 €", "1.299,00"), ("don’t pay", "don't pay"), ("straße", "Straße"),
])  # fmt: skip
def test_a_phrase_is_read_as_customers_words_are(phrase: str, words: str) -> None:
    text = "Please tune my piano. My E-MAIL, 24/7, AT&T! 1.299,00 € and you don't pay in der Straße"
    topic = Topic(code="a", label="a", phrases=(phrase,), mention=True)
    assert [hit.words for hit in topics.raised(text, (topic,))] == [words]


def test_an_intent_is_found_however_it_is_written() -> None:
    pets = Policy(humans_only=(Topic(code="pets", label="Pets", intents=("Pet.Care",)),))
    assert found("Hello there", "humans_only", pets, intent="pet.CARE")


def test_a_topic_that_any_mention_raises_is_raised_by_a_denial() -> None:
    anyhow = (WALRUS[0].model_copy(update={"mention": True}),)
    assert topics.raised("I don't want to feed the walrus", anyhow)


def test_gaps_in_a_row_cost_no_more_than_their_length() -> None:
    """Twelve of them might be filled in sixteen million ways."""
    gaps = (Topic(code="a", label="a", phrases=(f"feed {'* ' * 12}walrus",)),)
    text = "feed " * 60
    assert topics.raised(f"{text}walrus", gaps)[0].words == f"{'feed ' * 37}walrus"
    assert topics.raised(text, gaps) == ()


def test_a_phrase_of_gaps_alone_is_no_phrase() -> None:
    assert topics.index((Topic(code="a", label="a", phrases=("*", "* *", "| |", "", "* a")),)) == {}


def test_a_topic_carries_its_team_its_words_and_its_haste() -> None:
    hit = found("Feed the walrus!", "humans_only", Policy(humans_only=WALRUS))
    assert hit == Detection("humans_only", "People only: walrus", {"topic": "walrus", "words": "Feed the walrus"}, team="zoo", urgent=True)


def test_an_intent_raises_a_topic_whatever_the_words() -> None:
    listed = Policy(humans_only=WALRUS)
    assert found("Lunch!", "humans_only", listed, intent="Walrus") is not None
    assert found("Lunch!", "humans_only", listed, intent="walrus", intent_confidence=0.95) is not None
    assert found("Lunch!", "humans_only", listed, intent="walrus", intent_confidence=0.6) is None


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("There is a $40 charge on my card that I didn't make", "fraud_report"),
        ("Somebody has transferred $500 from my account", "fraud_report"),
        ("My phone was stolen yesterday", "fraud_report"),
        ("that payment wasn’t me", "fraud_report"),
        ("Our solicitor is drafting a letter", "legal_threat"),
        ("I'll see you in court", "legal_threat"),
        ("I am reporting this to the FCA", "regulator"),
        ("I want to make a formal complaint", "regulator"),
        ("Do you have a version for a screen reader?", "accessibility"),
        ("I'm deaf, so please don't call", "accessibility"),
    ],
)
def test_what_no_assistant_covers_is_out_of_scope(text: str, topic: str) -> None:
    detected = found(text, "out_of_scope")
    assert detected is not None
    assert detected.evidence["topic"] == topic


@pytest.mark.parametrize(
    "text",
    [
        "Do you sell court shoes?", "There's no fraud here, I only forgot my PIN", "My order number is A-20817", "I did not receive my order",
        "Is it me or is the site slow?", "I didn't get the e-mail", "Can I pay in court-approved instalments?", "Where can I see the invoice?",
    ],
)
def test_everyday_words_are_in_scope(text: str) -> None:
    assert found(text, "out_of_scope") is None


@pytest.mark.parametrize("text", ["What are the side effects?", "Which stocks should I buy?", "What are my legal rights here?", "Can I claim it on my taxes?"])
def test_advice_that_needs_a_qualified_person(text: str) -> None:
    assert found(text, "compliance") is not None


@pytest.mark.parametrize("text", ["My bank card expired", "Is it legible?", "Send my invoice to the tax office", "The pain of waiting!", "Sick of this app"])
def test_money_and_moods_are_not_advice(text: str) -> None:
    assert found(text, "compliance") is None


@pytest.mark.parametrize(
    ("text", "topic", "amount"),
    [
        ("Cancel my order A-20817", "cancellation", None),
        ("How do I cancel order A-20817?", "cancellation", None),
        ("I'd like to cancel", "cancellation", None),
        ("I need my booking cancelled", "cancellation", None),
        ("please delete my account", "account_closure", None),
        ("How can I close my account?", "account_closure", None),
        ("I dispute the charge", "dispute", None),
        ("I won't pay for this", "dispute", None),
        ("Refund me 1.299,00 €", "refund", "1.299,00 €"),
        ("I was charged $120.50 twice", "refund", "$120.50"),
        ("I want a refund of 250", "refund", "250"),
        ("You overcharged me by two hundred and fifty pounds", "refund", "two hundred and fifty pounds"),
    ],
)
def test_what_is_dear_or_final_is_high_stakes(text: str, topic: str, amount: str | None) -> None:
    detected = found(text, "high_stakes")
    assert detected is not None
    assert (detected.evidence["topic"], detected.evidence.get("amount")) == (topic, amount)


@pytest.mark.parametrize(
    "text",
    [
        "What is your cancellation policy?", "Is there a fee if I cancel?", "Can I cancel any time?", "How do I cancel?", "Why was my order cancelled?",
        "Refund me 99,99 €", "Refund me", "When will my refund of $500 arrive?", "I don't want my account closed", "What happens if I close my account?",
        "Do you refund orders above 1000 €, what is the policy?", "Cancel the newsletter", "I have 3 refunds since 2021",
    ],
)
def test_questions_about_the_rules_are_not(text: str) -> None:
    assert found(text, "high_stakes") is None


def test_the_sum_at_stake_is_found_where_it_is_known() -> None:
    orders = [{"id": "A-1", "total": 900}, {"id": "A-20817", "total": "150 €"}]
    claim = Transcript(lines=(Line(Author.CUSTOMER, "Please refund order A-20817"),), facts={"orders": orders})
    assert detection.detect(claim, Policy()).detections[0].evidence == {"topic": "refund", "words": "refund", "amount": "150 €", "refund_above": 100}
    assert detection.detect(claim, Policy(refund_above=150)).detections == ()
    proposed = Proposal("Done.", 0.95, facts={"refund": 240})
    assert [each.trigger for each in detection.detect(Transcript(lines=claim.lines, proposal=proposed), Policy()).detections] == ["high_stakes"]


@pytest.mark.parametrize("trigger", ["humans_only", "compliance", "high_stakes"])
@pytest.mark.parametrize("confidence", [0.0, 0.5, 1.0, None])
def test_whether_an_assistant_should_does_not_depend_on_whether_it_can(trigger: str, confidence: float | None) -> None:
    intent = {"humans_only": "self_harm", "compliance": "medical_advice", "high_stakes": "close_account"}[trigger]
    transcript = Transcript(lines=(Line(Author.CUSTOMER, "Hello"),), proposal=Proposal("Yes.", confidence, intent))
    assert detection.detect(transcript, Policy()).detections[0].trigger == trigger
