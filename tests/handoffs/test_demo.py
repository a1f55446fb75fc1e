"""The demo world is made once and keeps its secrets; the recorded dialogues are whole and play as intended."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from console.demo import dialogues, people
from console.demo.choose import outcome
from console.supervisor import loud_lines
from handoffs import routing
from handoffs.management import demo
from handoffs.models import Agent, ApiKey, Assistant, Demand, Team


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> dict[str, Any]:
    settings.VAR, settings.BASE_URL = tmp_path, "http://127.0.0.1:8000"
    return demo.build()


def test_world_is_written_for_scripts(world: dict[str, Any]) -> None:
    written = json.loads(demo.path().read_text())
    assert written == world
    assert sorted(written) == ["agents", "assistant", "base_url", "supervisor"]
    assert {frozenset(agent) for agent in written["agents"]} == {frozenset({"username", "password", "key", "teams"})}
    assert stat.S_IMODE(demo.path().stat().st_mode) == 0o600


def test_world_has_teams_people_and_keys(world: dict[str, Any]) -> None:
    assert list(Team.objects.values_list("code", flat=True)) == ["billing", "retention", "fraud", "technical", "general"]
    assert Team.objects.get(general=True).code == "general"
    assert ApiKey.objects.get(digest=ApiKey.digest_of(world["assistant"]["key"])).assistant == Assistant.objects.get(code="juniper")
    mara = Agent.objects.get(username="mara")
    assert mara.check_password(world["agents"][0]["password"])
    assert sorted(mara.teams.values_list("code", flat=True)) == sorted(world["agents"][0]["teams"])
    assert Agent.objects.get(username=world["supervisor"]["username"]).is_supervisor


def test_somebody_of_the_team_can_take_whatever_the_demo_asks_for(world: dict[str, Any]) -> None:
    for demand in Demand.objects.all():
        team = next(team for team in Team.objects.all() if demand.intent in team.intents)
        able = [agent for agent in team.agents.all() if all(agent.skills.get(skill, 0) >= level for skill, level in demand.skills.items())]
        assert len(able) >= 2
    assert all("en" in agent.languages for agent in Agent.objects.filter(is_supervisor=False))
    assert all(team.opening_hours.always for team in Team.objects.all())
    assert set(Team.objects.filter(general=False).values_list("overflow_team__code", flat=True)) == {"general"}


def test_making_it_again_changes_nothing(world: dict[str, Any]) -> None:
    keys = ApiKey.objects.count()
    Team.objects.filter(code="billing").update(promise=60)
    call_command("demo_world", verbosity=0)
    assert demo.read() == world
    assert (ApiKey.objects.count(), Agent.objects.count()) == (keys, 8)
    assert Team.objects.get(code="billing").promise == 60


def test_an_emptied_database_gets_the_same_secrets(world: dict[str, Any]) -> None:
    Agent.objects.all().delete()
    ApiKey.objects.all().delete()
    assert demo.build() == world
    assert Agent.objects.get(username="mara").check_password(world["agents"][0]["password"])
    assert ApiKey.objects.filter(digest=ApiKey.digest_of(world["agents"][0]["key"]), agent__username="mara").exists()


def test_another_address_keeps_the_secrets(world: dict[str, Any]) -> None:
    assert demo.move_to("http://127.0.0.1:9000") == {**world, "base_url": "http://127.0.0.1:9000"}
    assert demo.read()["assistant"] == world["assistant"]


@pytest.mark.parametrize(
    ("intent", "words", "team"),
    [
        ("bank_fraud_report", "", "fraud"),
        ("", "i want to cancel before it renews", "retention"),
        ("", "my doorbell is offline", "technical"),
        ("", "i was charged twice, please refund me", "billing"),
        ("", "where do you come from", "general"),
    ],
)
def test_demo_teams_get_what_is_theirs(world: dict[str, Any], intent: str, words: str, team: str) -> None:
    route = routing.route(routing.Brief(), (), routing.views(routing.teams()), intent=intent, words=words)
    assert route.team == team


PLAYED = dialogues.read()


def test_sample_spreads_over_domains_and_endings() -> None:
    ends = [outcome(played) for played in PLAYED]
    assert len(PLAYED) == 40
    assert {domain for played in PLAYED for domain in played.domains} == set(dialogues.SERVICES)
    assert 15 <= sum(map(bool, ends)) <= 25
    assert set(ends) == {"", "out_of_scope", "high_stakes", "sentiment_drop", "assistant_failed", "repeated_failure", "low_confidence"}


@pytest.mark.parametrize("played", PLAYED, ids=lambda played: played.key)
def test_a_dialogue_is_whole(played: dialogues.Dialogue) -> None:
    assert {said.author for said in played.said} == {"customer", "assistant"}
    assert all(said.text.strip() for said in played.said)
    assert all(0 <= said.reported["confidence"] <= 1 for said in played.said if said.author == "assistant")
    assert all(a.at <= b.at for a, b in zip(played.said, played.said[1:], strict=False))


def test_out_of_scope_replies_are_failures_and_queries_are_steps() -> None:
    row = {
        "id": 1, "name": "", "domains": ["bank"], "tasks": ["bank_balance"],
        "events": [
            {"who": "customer", "t": 0, "text": "What is on my account?"},
            {"who": "assistant", "t": 1, "act": "query:bank_balance"},
            {"who": "assistant", "t": 2, "act": "bank_inform_balance", "text": "14 credits."},
            {"who": "customer", "t": 3, "text": "Sing me a song"},
            {"who": "assistant", "t": 4, "act": "out_of_scope", "text": "I don't understand."},
        ],
    }
    answered, failed = (said.reported for said in dialogues.dialogue(row).said if said.author == "assistant")
    assert answered["attempts"] == [{"step": "Account balance look-up", "detail": "14 credits.", "outcome": "done", "shown": True}]
    assert answered["confidence"] >= 0.86
    assert failed["attempts"][0]["outcome"] == "failed"
    assert failed["confidence"] < 0.85


def test_customers_are_the_same_at_every_run() -> None:
    assert [people.customer(played, number) for number, played in enumerate(PLAYED)] == [people.customer(p, n) for n, p in enumerate(dialogues.read())]


def test_only_warnings_and_errors_reach_the_terminal() -> None:
    lines = [
        "banner",
        "2031-05-04 10:00:00,000 INFO celery: fine",
        "2031-05-04 10:00:01,000 WARNING django.request: Not Found: /x",
        "2031-05-04 10:00:02,000 ERROR django.request: Internal Server Error: /y",
        "Traceback (most recent call last):",
        '  File "x.py", line 1, in <module>',
        "KeyError: 'url'",
        "2031-05-04 10:00:03,000 INFO celery: fine again",
    ]
    assert list(loud_lines(lines)) == [lines[3], lines[6]]
