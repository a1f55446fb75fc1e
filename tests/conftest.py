"""Personas and things: ann and bob are agents of billing, cara is a supervisor, dan is an agent of technical, a stranger here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from inspect import iscoroutinefunction
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from channels.layers import channel_layers
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client
from django.utils import timezone

from console import live
from handoffs import outbox, receiving, shelf, timekeeping, turns
from handoffs.learned import feelings, repeats, requests, vectors, weights
from handoffs.models import Agent, ApiKey, Assistant, Conversation, Customer, Handoff, Heartbeat, PolicyVersion, Team
from handoffs.signals import Change, handoff_changed
from handoffs.waiting_room import forecasts
from tests.browsers import agent_page, browser, customer_page, person_at  # noqa: F401
from tests.emptying import patient
from tests.servers import Site, running
from tests.sharing import pytest_collection_finish, pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401

NUMBERS = count(1)
# Tests may turn this machine's clock, and count queries.
timekeeping.disconnect()
BaseDatabaseOperations.execute_sql_flush = patient(BaseDatabaseOperations.execute_sql_flush)


@pytest.fixture(autouse=True)
def _quiet_publisher() -> Iterator[None]:
    """Hints of one test must not reach the next one's database."""
    yield
    assert live.publisher().wait()


@pytest.fixture(autouse=True)
def _fresh_layer(request: pytest.FixtureRequest) -> Iterator[None]:
    """The channel layer keeps locks of the event loop that used it, and each asynchronous test has a loop of its own."""
    yield
    if iscoroutinefunction(request.function):
        channel_layers.backends.clear()


def forget_what_is_kept() -> None:
    """Each of these looks at the database once a second: a slow machine would count that query or not."""
    for kept in (shelf, forecasts, outbox):
        kept.forget()


@pytest.fixture(autouse=True)
def _empty_shelf() -> None:
    """What was looked up in one test is gone in the next."""
    forget_what_is_kept()


@pytest.fixture
def teams(db: None) -> dict[str, Team]:
    rows = [
        Team(code="billing", name="Billing", public_name="Plans and billing", promise=300, keywords=["refund", "charged", "invoice"]),
        Team(code="fraud", name="Fraud & security", public_name="Account safety", promise=120, intents=["fraud"]),
        Team(code="technical", name="Technical", public_name="Product help", promise=300, keywords=["camera", "offline"]),
        Team(code="general", name="General", public_name="Customer care", promise=300, general=True),
    ]
    return {team.code: team for team in (save(row) for row in rows)}


def save(row: Any) -> Any:
    row.save()
    return row


@pytest.fixture
def person(teams: dict[str, Team]) -> Callable[..., Agent]:
    def make(username: str, *team_codes: str, here: bool = True, **columns: Any) -> Agent:
        names = {"first_name": username.title(), "last_name": "Example"}
        agent = Agent.objects.create_user(username, password="correct horse", **{**names, **columns})
        agent.teams.set(teams[code] for code in team_codes)
        if here:
            Agent.objects.filter(pk=agent.pk).update(lease_until=timezone.now() + timedelta(minutes=5))
            agent.refresh_from_db()
        return agent

    return make


@pytest.fixture
def ann(person: Callable[..., Agent]) -> Agent:
    return person("ann", "billing")


@pytest.fixture
def bob(person: Callable[..., Agent]) -> Agent:
    return person("bob", "billing")


@pytest.fixture
def cara(person: Callable[..., Agent]) -> Agent:
    return person("cara", is_supervisor=True)


@pytest.fixture
def dan(person: Callable[..., Agent]) -> Agent:
    return person("dan", "technical")


@pytest.fixture
def juniper(db: None) -> Assistant:
    """An outside assistant that talks to us over the API."""
    return Assistant.objects.create(code="juniper", name="Juniper")


@pytest.fixture
def front_desk(db: None) -> Assistant:
    return Assistant.objects.create(code="front_desk", name="Juniper", plugin="front_desk")


@pytest.fixture
def customer(juniper: Assistant) -> Customer:
    return Customer.objects.create(assistant=juniper, external_id="amara", name="Amara Osei", email="amara@example.com", tier="plus")


@pytest.fixture
def start(juniper: Assistant, customer: Customer, teams: dict[str, Team]) -> Callable[..., Conversation]:
    """Makes a conversation that the assistant owns."""

    def make(**columns: Any) -> Conversation:
        columns = {"assistant": juniper, "answered_by": juniper, "customer": customer, "external_id": f"c-{next(NUMBERS)}", **columns}
        return Conversation.objects.create(**columns)

    return make


@pytest.fixture
def conversation(start: Callable[..., Conversation]) -> Conversation:
    return start()


@pytest.fixture
def hand_off(start: Callable[..., Conversation]) -> Callable[..., Handoff]:
    """Makes a handoff that waits in billing, after a customer who was charged twice asked for a person."""

    def make(words: str = "I was charged twice, please refund order A-20817", **columns: Any) -> Handoff:
        conversation = start(**columns)
        turns.take(conversation, words, client_id="1")
        conversation.refresh_from_db()
        decision = turns.take(conversation, "Can I talk to a real person?", client_id="2")
        assert decision.handoff is not None
        return reload(decision.handoff)

    return make


@pytest.fixture
def handoff(hand_off: Callable[..., Handoff]) -> Handoff:
    return hand_off()


@pytest.fixture
def claimed(handoff: Handoff, ann: Agent) -> Handoff:
    """The handoff after ann has claimed it."""
    receiving.claim(handoff, ann)
    return reload(handoff)


@pytest.fixture
def policy(db: None) -> Callable[..., PolicyVersion]:
    """Puts a policy with the given values in force."""

    def put(**values: Any) -> PolicyVersion:
        return PolicyVersion.objects.create(body=values)

    return put


@pytest.fixture
def signed_in() -> Callable[[Agent], Client]:
    def sign_in(agent: Agent) -> Client:
        client = Client()
        client.force_login(agent)
        return client

    return sign_in


@pytest.fixture
def key() -> Callable[..., str]:
    """Makes an API key: key(assistant=…) or key(agent=…)."""
    return lambda **owner: ApiKey.make(**owner)


def reload(handoff: Handoff) -> Handoff:
    return Handoff.objects.select_related("team", "agent", "conversation__customer", "conversation__answered_by").get(pk=handoff.pk)


@contextmanager
def whole_product(blocker: Any, **environment: str) -> Iterator[Site]:
    """The product as real processes on the tests' database."""
    with blocker.unblock():
        with running("web", "worker", "beat", **environment) as site:
            yield site
        Heartbeat.objects.all().delete()  # the last sweep came after the last test's clean-up


@pytest.fixture(scope="module")
def _site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    with whole_product(django_db_blocker) as site:
        yield site


@pytest.fixture
def site(_site: Site, transactional_db: None) -> Site:
    """The product as real processes, shared by the tests of a module, in a browser's folders by all of them; the database is emptied after each."""
    return _site


@pytest.fixture
def broken_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The files of the trained models are missing, and the one of feelings is broken."""
    readers = (feelings.shipped, repeats.shipped, requests.shipped, vectors.shipped)
    (tmp_path / "feeling.npz").write_bytes(b"not a model")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    for read in readers:
        read.cache_clear()
    yield
    monkeypatch.undo()
    for read in readers:
        read.cache_clear()
        read()


@pytest.fixture
def announced(django_capture_on_commit_callbacks: Any) -> Callable[[], AbstractContextManager[list[Change]]]:
    """What whoever watches is told of in a block."""

    @contextmanager
    def within() -> Iterator[list[Change]]:
        heard: list[Change] = []

        def listener(change: Change, **_: Any) -> None:
            heard.append(change)

        handoff_changed.connect(listener)
        try:
            with django_capture_on_commit_callbacks(execute=True):
                yield heard
        finally:
            handoff_changed.disconnect(listener)

    return within
