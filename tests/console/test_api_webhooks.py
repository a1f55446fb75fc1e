"""Endpoints over the API and in the admin: who may have them, and what they are told of the secret."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from handoffs import outbox, webhooks
from handoffs.models import Agent, Assistant, Delivery, Endpoint, Handoff
from tests.console.api_caller import Caller

URL = "https://hooks.example/baton"


@pytest.fixture
def assistant(juniper: Assistant, key: Callable[..., str]) -> Caller:
    return Caller(key(assistant=juniper))


@pytest.fixture
def lead(cara: Agent, key: Callable[..., str]) -> Caller:
    return Caller(key(agent=cara))


def made(caller: Caller, **fields: Any) -> Any:
    status, body = caller.post("/webhooks", {"url": URL, **fields})
    assert status == 201
    return body


def test_an_endpoint_is_made_and_its_secret_shown_once(assistant: Caller, juniper: Assistant) -> None:
    body = made(assistant, events=["handoff.requested"], note="CRM")
    row = Endpoint.objects.get()
    assert (row.assistant, row.events, body["secret"]) == (juniper, ["handoff.requested"], webhooks.secrets(row)[0])
    assert assistant.get("/webhooks") == (200, {"items": [{name: value for name, value in body.items() if name != "secret"}]})
    assert body["secret"] not in str(list(Endpoint.objects.values()))


@pytest.mark.parametrize(("fields", "field"), [
    ({"url": "http://hooks.example/"}, "url"), ({"url": "https://me:pw@hooks.example/"}, "url"),
    ({"events": ["sunrise"]}, "events[0]"), ({"team": "nobody"}, "team"),
])
def test_what_fits_no_endpoint_is_refused_by_name(assistant: Caller, teams: Any, fields: Any, field: str) -> None:
    status, body = assistant.post("/webhooks", {"url": URL, **fields})
    assert (status, body["errors"][0]["field"], Endpoint.objects.count()) == (422, field, 0)


def test_an_assistant_sees_its_own_alone_a_supervisor_all_and_other_agents_none(
    assistant: Caller, lead: Caller, ann: Agent, key: Callable[..., str]
) -> None:
    other = Caller(key(assistant=Assistant.objects.create(code="other", name="Other")))
    mine = made(assistant)["id"]
    whole = made(lead)["id"]
    agent = Caller(key(agent=ann))
    assert [each["id"] for each in assistant.get("/webhooks")[1]["items"]] == [mine]
    assert {each["id"] for each in lead.get("/webhooks")[1]["items"]} == {mine, whole}
    assert (agent.get("/webhooks")[0], agent.post("/webhooks", {"url": URL})[0]) == (403, 403)
    verbs = ("pause", "resume", "rotate", "ping", "replay", "remove")
    assert {other.post(f"/webhooks/{mine}/{verb}", {})[0] for verb in verbs} == {404}
    assert {other.get(f"/webhooks/{mine}{more}")[0] for more in ("", "/deliveries")} == {404}
    assert Endpoint.objects.count() == 2


def test_it_is_paused_resumed_rotated_pinged_and_removed(assistant: Caller) -> None:
    body = made(assistant)
    path = f"/webhooks/{body['id']}"
    assert assistant.post(f"{path}/pause", {})[1]["paused_at"]
    assert assistant.post(f"{path}/resume", {})[1]["paused_at"] is None
    assert assistant.post(f"{path}/rotate", {})[1]["secret"] not in (body["secret"], "")
    status, ping = assistant.post(f"{path}/ping", {})
    assert (status, ping["event"], ping["state"]) == (202, "ping", "due")
    assert assistant.get(f"{path}/deliveries?state=due")[1]["items"][0]["id"] == ping["id"]
    assert (assistant.post(f"{path}/remove", {})[0], Endpoint.objects.count(), Delivery.objects.count()) == (200, 0, 0)


def test_what_was_given_up_is_sent_once_more(assistant: Caller, handoff: Handoff) -> None:
    path = f"/webhooks/{made(assistant)['id']}"
    row = outbox.ping(Endpoint.objects.get())
    assert assistant.post(f"{path}/replay", {})[1] == {"replayed": 0}
    Delivery.objects.update(state="dead", tries=10)
    assert assistant.post(f"{path}/replay", {"delivery": str(row.key)})[1] == {"replayed": 1}
    assert assistant.post(f"{path}/replay", {"delivery": str(handoff.pk)})[0] == 404
    assert Delivery.objects.get().tries == 0


def test_who_may_only_look_in_the_admin_learns_no_secret_and_sends_nothing(django_user_model: Any, client: Client) -> None:
    user = django_user_model.objects.create_user("looker", password="x", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=("view_endpoint", "view_delivery")))
    client.force_login(user)
    row = webhooks.make(URL)
    outbox.ping(row)
    page = client.get(f"/admin/handoffs/endpoint/{row.pk}/change/")
    assert (page.status_code, webhooks.secrets(row)[0] in page.content.decode()) == (200, False)
    assert 'value="rotate"' not in client.get("/admin/handoffs/endpoint/").content.decode()
    assert 'value="replay"' not in client.get("/admin/handoffs/delivery/").content.decode()
    client.post("/admin/handoffs/endpoint/", {"action": "pause", "_selected_action": [str(row.pk)]})
    assert Endpoint.objects.get().paused_at is None


def test_the_admin_makes_endpoints_by_the_same_rules(admin_client: Client) -> None:
    form = {"url": "http://127.0.0.1/", "note": "", "events": ["turn.said"]}
    assert "must begin with https://" in admin_client.post("/admin/handoffs/endpoint/add/", form).content.decode()
    assert admin_client.post("/admin/handoffs/endpoint/add/", form | {"url": URL}).status_code == 302
    row = Endpoint.objects.get()
    assert webhooks.secrets(row)[0] in admin_client.get(f"/admin/handoffs/endpoint/{row.pk}/change/").content.decode()
    for action in ("ping", "pause", "resume", "rotate", "replay"):
        assert admin_client.post("/admin/handoffs/endpoint/", {"action": action, "_selected_action": [str(row.pk)]}).status_code == 302
    pages = ("delivery", "inboundmail", "mailbox", "file", "endpoint")
    assert {admin_client.get(f"/admin/handoffs/{page}/").status_code for page in pages} == {200}
