"""The admin shows every row, and lets nobody edit what only the product may write."""

import json
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handoffs import roster
from handoffs.models import Agent, ApiKey, Handoff, LearnedModel, PolicyVersion, RecordSource, Team

PAGES = [model for model in admin.site._registry if model._meta.app_label == "handoffs"]


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(Agent.objects.create_superuser("boss", password="correct horse"))
    return client


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_every_list_opens(model: type, boss: Client, claimed: Handoff) -> None:
    assert boss.get(reverse(f"admin:handoffs_{model.__name__.lower()}_changelist")).status_code == 200


def test_a_handoff_and_its_steps_can_be_read_but_not_changed(boss: Client, claimed: Handoff) -> None:
    page = boss.get(reverse("admin:handoffs_handoff_change", args=[claimed.pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert boss.post(reverse("admin:handoffs_handoff_change", args=[claimed.pk]), {"state": "closed"}).status_code == 403


def test_an_agent_can_be_edited(boss: Client, ann: Agent) -> None:
    assert boss.get(reverse("admin:handoffs_agent_change", args=[ann.pk])).status_code == 200


def test_a_policy_version_is_read_here_and_made_on_its_own_page(boss: Client, policy: Any) -> None:
    version = policy(silent_after=20)
    assert boss.get(reverse("admin:handoffs_policyversion_change", args=[version.pk])).status_code == 200
    assert boss.post(reverse("admin:handoffs_policyversion_add"), {"body": json.dumps({"silent_after": 5})}).status_code == 403
    assert boss.post(reverse("admin:handoffs_policyversion_change", args=[version.pk]), {"body": "{}"}).status_code == 403
    assert PolicyVersion.in_force().silent_after == 20


def test_keys_are_revoked_and_never_shown(boss: Client, ann: Agent) -> None:
    secret = ApiKey.make(agent=ann)
    key = ApiKey.objects.get()
    page = boss.get(reverse("admin:handoffs_apikey_change", args=[key.pk])).content.decode()
    assert secret not in page
    assert key.digest not in page
    boss.post(reverse("admin:handoffs_apikey_changelist"), {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert key.revoked_at is not None


@pytest.mark.parametrize(("may", "revoked"), [("view", False), ("change", True)])
def test_who_may_only_look_revokes_no_key(ann: Agent, may: str, revoked: bool) -> None:
    client = a_looker(may, "apikey")
    ApiKey.make(agent=ann)
    key = ApiKey.objects.get()
    client.post(reverse("admin:handoffs_apikey_changelist"), {"action": "revoke", "_selected_action": [key.pk]})
    key.refresh_from_db()
    assert (key.revoked_at is not None) is revoked


@pytest.mark.parametrize(("may", "offered"), [("view", False), ("change", True)])
def test_who_may_only_look_chooses_no_version(db: None, may: str, offered: bool) -> None:
    LearnedModel.objects.create(kind="intents", number=1)
    page = a_looker(may, "learnedmodel").get(reverse("admin:handoffs_learnedmodel_changelist"))
    assert (page.status_code, "Use this version" in page.content.decode()) == (200, offered)


def a_looker(may: str, name: str) -> Client:
    """Somebody of the staff who may look at these rows, and what is named."""
    client, agent = Client(), Agent.objects.create_user("looker", password="correct horse", is_staff=True)
    agent.user_permissions.set(Permission.objects.filter(codename__in=[f"view_{name}", f"{may}_{name}"]))
    client.force_login(agent)
    return client


@pytest.mark.parametrize("words", ["5", "null", '{"refund": 1}', "[[1]]", ""])
def test_a_teams_words_are_a_list_of_words(boss: Client, teams: dict[str, Team], words: str) -> None:
    form = {"code": "billing", "name": "Billing", "public_name": "Billing", "promise": 60, "intents": "[]", "keywords": words}
    assert "A list of words" in boss.post(reverse("admin:handoffs_team_change", args=[teams["billing"].pk]), form).content.decode()


def test_a_teams_code_is_given_once(boss: Client, teams: dict[str, Team]) -> None:
    """Policies name teams by it."""
    page = reverse("admin:handoffs_team_change", args=[teams["billing"].pk])
    form = {"code": "money", "name": "Money", "public_name": "Money", "promise": 60, "intents": "[]", "keywords": "[]"}
    assert 'name="code"' not in boss.get(page).content.decode()
    assert 'name="code"' in boss.get(reverse("admin:handoffs_team_add")).content.decode()
    boss.post(page, form)
    assert list(Team.objects.filter(pk=teams["billing"].pk).values_list("code", flat=True)) == ["billing"]


HTTP = {"url": "https://crm.example/c/{external_id}", "headers": {"Authorization": "Bearer ${CRM_TOKEN}"}, "account": {"plan": "plan"}}


def source_form(**settings: Any) -> dict[str, Any]:
    return {"name": "CRM", "code": "crm", "plugin": "http", "settings": json.dumps({**HTTP, **settings}), "enabled": "on"}


def test_a_source_of_records_is_made_here_and_its_secret_is_not(boss: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_TOKEN", "s3cret")
    assert boss.post(reverse("admin:handoffs_recordsource_add"), source_form()).status_code == 302
    source = RecordSource.objects.get()
    assert (source.plugin, source.settings) == ("http", HTTP)
    page = boss.get(reverse("admin:handoffs_recordsource_change", args=[source.pk])).content.decode()
    assert ("${CRM_TOKEN}" in page, "s3cret" in page, "HTTP look-up" in page) == (True, False, True)


@pytest.mark.parametrize(("settings", "words"), [
    ({"url": "ftp://crm.example/{external_id}"}, "url: must be an address that begins with https:// or http://"),
    ({"headers": {"Authorization": "Bearer s3cret"}}, "Authorization: a secret is not written here"),
    ({"headers": {"X-Key": "${SECRET_KEY}"}}, "must begin with CRM_"), ({"account": {"plan": "a..b"}}, "is no place in an answer"),
    ({"acount": {}}, "acount: Extra inputs are not permitted"),
])
def test_wrong_settings_of_a_source_are_said_in_words(boss: Client, settings: dict[str, Any], words: str) -> None:
    page = boss.post(reverse("admin:handoffs_recordsource_add"), source_form(**settings))
    assert (page.status_code, words in unescape(page.content.decode()), RecordSource.objects.count()) == (200, True, 0)


@pytest.mark.parametrize("settings", ["[1]", "5", "{", '"x"'])
def test_settings_that_are_no_object_are_refused(boss: Client, settings: str) -> None:
    assert boss.post(reverse("admin:handoffs_recordsource_add"), {**source_form(), "settings": settings}).status_code == 200
    assert RecordSource.objects.count() == 0


def test_a_status_set_here_is_nobodys_rule(boss: Client, ann: Agent) -> None:
    roster.set_status(ann, "away", why=roster.IDLE)
    typed = agent_form(boss, ann)
    Agent.objects.filter(pk=ann.pk).update(leaves_at=timezone.now() + timedelta(hours=1))
    typed |= {"leaves_at_0": "", "leaves_at_1": "", "languages": '{"es": 4}', "status": "busy"}
    assert boss.post(reverse("admin:handoffs_agent_change", args=[ann.pk]), typed).status_code == 302
    ann.refresh_from_db()
    assert (ann.status, ann.status_why, ann.languages, ann.leaves_at is None) == ("busy", "", {"es": 4}, False)


def test_an_older_form_puts_no_status_back(boss: Client, ann: Agent) -> None:
    typed = agent_form(boss, ann)
    roster.set_status(ann, "away", why=roster.MISSED)
    assert boss.post(reverse("admin:handoffs_agent_change", args=[ann.pk]), {**typed, "capacity": 7}).status_code == 302
    ann.refresh_from_db()
    assert (ann.capacity, ann.status, ann.status_why) == (7, "away", roster.MISSED)


def agent_form(boss: Client, agent: Agent) -> dict[str, Any]:
    """What a browser would send of an agent's page as it is now."""
    form = boss.get(reverse("admin:handoffs_agent_change", args=[agent.pk])).context["adminform"].form
    typed = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    hidden = {form[name].html_initial_name: form[name].value() for name in form.fields if form[name].field.show_hidden_initial}
    times = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00"}
    return {**typed, **hidden, **times, "teams": [team.pk for team in agent.teams.all()], "skills": "{}", "languages": "{}"}
