"""An assistant's side for the journeys: real calls of the HTTP API."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest

from handoffs.models import Assistant, Conversation
from tests.conftest import whole_product
from tests.servers import Site

NUMBERS = count(1)


class Talk:
    """One conversation as its assistant drives it."""

    def __init__(self, call: Callable[..., dict[str, Any]], made: dict[str, Any]) -> None:
        self.call, self.id = call, made["id"]

    @property
    def conversation(self) -> Conversation:
        return Conversation.objects.get(pk=self.id)

    def customer(self, text: str) -> dict[str, Any]:
        return self.call(f"/conversations/{self.id}/turns", {"author": "customer", "text": text, "client_id": f"c{next(NUMBERS)}"})

    def assistant(self, text: str, **said: Any) -> dict[str, Any]:
        return self.call(f"/conversations/{self.id}/turns", {"author": "assistant", "text": text, "client_id": f"a{next(NUMBERS)}", **said})


@pytest.fixture
def talk(site: Site, teams: dict[str, Any], juniper: Assistant, key: Callable[..., str]) -> Callable[..., Talk]:
    """Opens a conversation over the API: talk(name="Amara Osei")."""
    secret = key(assistant=juniper)

    def call(path: str, body: dict[str, Any]) -> dict[str, Any]:
        return site.post(path, body, secret)

    def open_conversation(**customer: Any) -> Talk:
        number = next(NUMBERS)
        customer = {"external_id": f"customer-{number}", "name": "Amara Osei", "tier": "plus", "email": "amara@example.com", **customer}
        return Talk(call, call("/conversations", {"external_id": f"talk-{number}", "customer": customer}))

    return open_conversation


@pytest.fixture(scope="package")
def _site(django_db_setup: None, django_db_blocker: Any) -> Iterator[Site]:
    """One product for all files of this folder: each of their tests uses it, and starting it takes longer than most of them."""
    with whole_product(django_db_blocker) as site:
        yield site
