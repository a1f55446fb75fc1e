"""The parts without a database: states, feeling, the brief, routing, addresses."""

from uuid import uuid4

import pytest
from django.core.signing import BadSignature

from handoffs import addresses, detection, feeling, packaging, routing, states
from handoffs.briefing.attempts import merge
from handoffs.briefing.facts import facts_of
from handoffs.briefing.goal import GOAL_LENGTH, NO_GOAL, goal_of
from handoffs.briefing.needs import LONGEST
from handoffs.models import Team
from handoffs.policy import Policy
from handoffs.snapshots import Author, Brief, Detection, Feeling, Line, Mood, Outcome, TeamView, Transcript, Trend, Tried

ASKED = (Detection("explicit_request", "Asked for a person"),)
TEAMS = (
    TeamView("billing", intents=frozenset({"refund"}), keywords=frozenset({"charged"})),
    TeamView("fraud", intents=frozenset({"fraud"})),
    TeamView("general", general=True),
)


class Unprintable:
    def __str__(self) -> str:
        raise ValueError


def lines(*texts: str) -> tuple[Line, ...]:
    return tuple(Line(Author.CUSTOMER, text, number) for number, text in enumerate(texts, 1))


def test_a_state_without_a_row_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(states.MOVES, states.State.RESOLVED)
    with pytest.raises(RuntimeError):
        states.check_table()


def test_bands_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="clarify_at"):
        Policy(answer_at=0.5, clarify_at=0.6)


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("THIS IS RIDICULOUS!! You are useless", Mood.ANGRY),
        ("There is no cancel button. I’ve looked three times.", Mood.FRUSTRATED),
        ("I’m worried, someone is in my account", Mood.WORRIED),
        ("I would like to book a table for two", Mood.NEUTRAL),
        ("Great, thank you so much, that is perfect", Mood.CONTENT),
    ],
)
def test_a_turn_has_a_mood(text: str, mood: Mood) -> None:
    assert feeling.judge(text)[0] is mood


def test_the_trend_rises_before_anybody_asks_for_a_person() -> None:
    felt = feeling.over(lines("I want to cancel", "There is no button", "It still does not work, this is useless!!"))
    assert (felt.trend, felt.mood) == (Trend.RISING, Mood.ANGRY)


def test_a_flat_answer_does_not_make_an_angry_customer_calm() -> None:
    felt = feeling.over(lines("This is RIDICULOUS, you are useless!!", "A-20817"))
    assert (felt.mood, felt.trend) == (Mood.ANGRY, Trend.EASING)


def test_the_goal_is_the_need_not_the_greeting_nor_the_request_for_a_person() -> None:
    said = lines("Hello there", "I want to cancel Pro before it renews on Thursday", "Can I talk to a real person?")
    assert (goal_of(said).text, goal_of(said).turns) == ("Cancel Pro before it renews on Thursday", (2,))


def test_a_customer_who_only_asked_for_a_person_has_said_no_need_yet() -> None:
    for words in ("agent please", "representative!!", "I want to talk to a real person"):
        assert goal_of(lines(words)).text == NO_GOAL


def test_a_need_told_in_the_same_breath_as_the_request_counts() -> None:
    assert goal_of(lines("Can I talk to someone about my broken camera?")).text == "Their broken camera"


def test_the_summary_has_at_most_three_sentences_and_sixty_words() -> None:
    tried = tuple(Tried(f"Step number {n} with a rather long name that goes on", Outcome.FAILED, "because " * 30) for n in range(9))
    transcript = Transcript(lines=lines("I need " + "a very long story " * 80), tried=tried)
    summary = packaging.pack(transcript, ASKED, name="Amara Osei").summary
    assert len(summary.split()) <= 60


@pytest.mark.parametrize(
    ("step", "advice"),
    [
        ("Searched the help articles for “I was charged twice for A-1”", "Solve this yourself: they were charged twice."),
        ("Refund of order A-20817", "Solve this by hand: they were charged twice."),
    ],
)
def test_the_advice_is_a_step_that_a_person_can_take(step: str, advice: str) -> None:
    brief = packaging.pack(Transcript(lines=lines("I was charged twice"), tried=(Tried(step, Outcome.FAILED, "needs a person"),)), ASKED, name="Amara")
    assert brief.next_step == advice


def test_the_summary_does_not_quote_quotes() -> None:
    tried = (Tried("Searched the help articles for “I was charged twice”", Outcome.FAILED, "needs a person"),)
    summary = packaging.pack(Transcript(lines=lines("I was charged twice"), tried=tried), ASKED, name="Amara").summary
    assert "The assistant tried “Searched the help articles” and it failed: needs a person." in summary


def test_attempts_are_merged_and_the_latest_counts() -> None:
    tried = (Tried("Look up", Outcome.FAILED, "timeout"), Tried("Cancel", Outcome.REFUSED), Tried("look up", Outcome.FAILED, "again"))
    assert [(a.step, a.detail) for a in merge(tried)] == [("Cancel", ""), ("look up", "again")]


def test_the_latest_commitment_wins_and_names_its_turn() -> None:
    facts = facts_of(lines("My order is A-20817", "Sorry, order number A-20991"), {"plan": "Pro"})
    assert [(fact.name, fact.value, fact.turn) for fact in facts] == [("plan", "Pro", None), ("order number", "A-20991", 2)]


def test_a_part_of_the_brief_that_breaks_leaves_the_others_standing() -> None:
    brief = packaging.pack(Transcript(lines=lines("Refund me")), ASKED, facts={"plan": Unprintable()})
    assert (brief.goal, brief.reason, brief.facts) == ("Refund them", "Asked for a person", ())


@pytest.mark.parametrize(
    ("given", "team"),
    [
        ({"intent": "refund"}, "billing"),
        ({"intent": "FRAUD"}, "fraud"),
        ({"words": "I was charged twice"}, "billing"),
        ({"words": "discharged from hospital"}, "general"),
        ({}, "general"),
        ({"wished": "fraud"}, "fraud"),
        ({"wished": "fraud", "words": "I was charged twice"}, "billing"),
        ({"wished": "nowhere"}, "general"),
    ],
)
def test_routing_goes_by_intent_then_words_then_the_general_team(given: dict[str, str], team: str) -> None:
    assert routing.route(Brief(), ASKED, TEAMS, **given).team == team


@pytest.mark.parametrize(
    ("given", "team"),
    [
        ({"language": "es-MX", "intent": "refund"}, "soporte"),
        ({"language": "es", "intent": "fraud"}, "fraud"),
        ({"language": "es"}, "soporte"),
        ({"language": "nl", "intent": "refund"}, "billing"),
        ({"language": "nl"}, "general"),
        ({"language": "", "intent": "welcome"}, "soporte"),
        ({"language": "nl", "intent": "welcome"}, "general"),
    ],
)
def test_a_team_for_a_language_takes_its_customers_first_and_no_others(given: dict[str, str], team: str) -> None:
    soporte = TeamView("soporte", intents=frozenset({"refund", "welcome"}), languages=frozenset({"es"}))
    assert routing.route(Brief(), ASKED, (*TEAMS, soporte), **given).team == team


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"intent": "refund"}, "intent: refund"),
        ({"words": "Where is my INVOICE?"}, "words: invoice"),
        ({"words": "I was charged twice."}, "words: charged twice"),
        ({"words": "It came by e-mail"}, "words: e-mail"),
        ({"words": "I was overcharged twice"}, "no team covers this"),
        ({"language": "es-MX"}, "language: es"),
    ],
)
def test_a_teams_words_are_found_however_they_were_written(given: dict[str, str], why: str) -> None:
    billing = Team(code="Billing", intents=["Refund"], keywords=["Invoice ", "charged twice", "E-mail", "!", ""], languages=["ES"])
    assert routing.route(Brief(), ASKED, routing.views([billing, Team(code="all", general=True)]), **given).why == why


def test_when_every_team_is_for_other_languages_one_takes_it_all_the_same() -> None:
    only = TeamView("soporte", general=True, languages=frozenset({"es"}))
    assert routing.route(Brief(), ASKED, (only,), language="nl").why == "no team covers this"


def test_a_topic_for_people_goes_to_its_team_first() -> None:
    topic = (Detection("humans_only", "People only: fraud report", team="fraud"),)
    route = routing.route(Brief(), topic, TEAMS, intent="refund")
    assert (route.team, route.priority) == ("fraud", 1)


def test_an_angry_customer_is_ahead_of_a_calm_one() -> None:
    angry = routing.route(Brief(feeling=Feeling(mood=Mood.ANGRY)), ASKED, TEAMS)
    assert angry.priority < routing.route(Brief(), ASKED, TEAMS).priority


def test_without_any_team_routing_says_so() -> None:
    with pytest.raises(LookupError):
        routing.route(Brief(), ASKED, ())


def test_an_address_cannot_be_made_up() -> None:
    key = uuid4()
    token = addresses.token(key)
    assert addresses.read(token) == key
    for bad in (token[:-1], token + "a", uuid4().hex + token[32:], "", "x.y"):
        with pytest.raises(BadSignature):
            addresses.read(bad)


@pytest.mark.parametrize("text", ["a" * 16000, "1," * 8000, "don't want " * 1450, "order number " + "1" * 15000, "a@" * 8000, "not want to " * 1300])
def test_a_long_hostile_text_is_packed_from_its_ends(text: str) -> None:
    transcript = Transcript(lines=lines(*[text] * 3))
    brief = packaging.pack(transcript, detection.detect(transcript, Policy()).detections or ASKED)
    assert len(brief.goal.split()) <= LONGEST
    assert len(brief.goal) <= GOAL_LENGTH
    assert all(len(fact.value) <= 200 for fact in brief.facts)
