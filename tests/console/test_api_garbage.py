"""Bad input is refused with a problem that names what is wrong, and nothing that was said is lost by it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from handoffs.models import Agent, ApiKey, Assistant, Conversation, Customer, Handoff, Step, Turn
from tests.console.api_caller import Caller, read, said

U = "00000000-0000-4000-8000-000000000000"
TURNS, BEGIN, HAND, ACT = "/conversations/{c}/turns", "/conversations", "/conversations/{c}/handoff", "/handoffs/{h}"
CUSTOMER = {"external_id": "u"}


def new(**fields: Any) -> dict[str, Any]:
    return {"external_id": "e", "customer": CUSTOMER, **fields}


def deep(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


# path, body (bytes as they are, anything else as JSON), status, the field that is named
WORDS: list[tuple[str, Any, int, str]] = [
    (TURNS, said(5), 422, "text"),
    (TURNS, said(None), 422, "text"),
    (TURNS, said(["Hello"]), 422, "text"),
    (TURNS, said(""), 422, "body"),
    (TURNS, said(" \n\t"), 422, "body"),
    (TURNS, said("é" * 8193), 422, "text"),
    (TURNS, said("x" * 20_000), 422, "text"),
    (TURNS, said("x" * 300_000), 413, ""),
    (TURNS, said("", author="assistant"), 422, "body"),
    (TURNS, said(author="agent"), 422, "author"),
    (TURNS, said(author=7), 422, "author"),
    (TURNS, {"text": "Hello", "author": "customer"}, 422, "client_id"),
    (TURNS, said() | {"client_id": ""}, 422, "client_id"),
    (TURNS, said() | {"client_id": "x" * 101}, 422, "client_id"),
    (TURNS, said() | {"client_id": 5}, 422, "client_id"),
    (TURNS, said(colour="red"), 422, "colour"),
    (TURNS, said(author="assistant", heard=-1), 422, "heard"),
    (TURNS, said(author="assistant", confidence="0.8"), 422, "confidence"),
    (TURNS, said(author="assistant", confidence=True), 422, "confidence"),
    (TURNS, said(author="assistant", confidence=1.1), 422, "confidence"),
    (TURNS, said(author="assistant", confidence=-0.1), 422, "confidence"),
    (TURNS, said(author="assistant", confidence=10**400), 422, "confidence"),
    (TURNS, said(author="assistant", clarifying="yes"), 422, "clarifying"),
    (TURNS, said(author="assistant", attempts=[{"step": "Look"}]), 422, "attempts[0].outcome"),
    (TURNS, said(author="assistant", attempts=[{"step": "Look", "outcome": "maybe"}]), 422, "attempts[0].outcome"),
    (TURNS, said(author="assistant", attempts=[{"step": "Look", "outcome": "done"}] * 51), 422, "attempts"),
    (TURNS, said(author="assistant", attempts={"step": "Look"}), 422, "attempts"),
    (TURNS, said(author="assistant", sources=[{"title": "A", "url": "javascript:alert(1)"}]), 422, "sources[0].url"),
    (TURNS, said(author="assistant", sources=[{"title": "A"}] * 21), 422, "sources"),
    (TURNS, said(author="assistant", facts=["a"]), 422, "facts"),
    (TURNS, said(author="assistant", failed=True), 422, "failed"),
    (TURNS, said(author="assistant", failed={"reason": ""}), 422, "failed.reason"),
    (TURNS, said(author="assistant", intent="x" * 101), 422, "intent"),
    (TURNS, said(attempts=[{"step": "Look", "outcome": "done"}]), 422, "body"),
    (TURNS, said(epoch="1"), 422, "epoch"),
    (TURNS, said(epoch=1.0), 422, "epoch"),
    (TURNS, said(epoch=-1), 422, "epoch"),
    (TURNS, said(epoch=2**63), 422, "epoch"),
    (TURNS, said(at="yesterday"), 422, "at"),
    (TURNS, said(at="2024-05-04T09:30:00"), 422, "at"),
    (TURNS, said(at="0001-01-01T00:00:00Z"), 422, "at"),
    (TURNS, said(at="9999-12-31T23:59:59Z"), 422, "at"),
    (TURNS, said(at="2024-02-31T23:59:59Z"), 422, "at"),
    (TURNS, said(at=1714800000), 422, "at"),
    (TURNS, said(at="1714800000"), 422, "at"),
    (TURNS, [said()], 422, "body"),
    (TURNS, "Hello", 422, "body"),
    (TURNS, None, 422, "body"),
    (TURNS, b"", 422, "author"),
    (TURNS, b"{", 400, ""),
    (TURNS, b"Hello", 400, ""),
    (TURNS, b"\xff\xfe\x00", 400, ""),
    (TURNS, b'{"text": "caf\xe9"}', 400, ""),
    (TURNS, b'\xef\xbb\xbf{"text": "Hello"}', 400, ""),
    (TURNS, b'{"text": "Hello", "confidence": NaN}', 400, ""),
    (TURNS, b'{"text": "Hello", "confidence": -Infinity}', 400, ""),
    (TURNS, b'{"text": "Hello", "confidence": 1e999}', 400, ""),
    (TURNS, b'{"epoch": ' + b"9" * 5000 + b"}", 400, ""),
    (TURNS, deep(21), 400, ""),
    (TURNS, deep(40_000), 400, ""),
    (TURNS, b"[" * 200_000, 400, ""),
    (f"/conversations/{U}/turns", said(), 404, ""),
    ("/conversations/%00/turns", said(), 404, ""),
    ("/conversations/..%2f/turns", said(), 404, ""),
    ("/conversations/{c}/turns/", said(), 404, ""),
]

OTHERS: list[tuple[str, Any, int, str]] = [
    (BEGIN, b"", 422, "external_id"),
    (BEGIN, [], 422, "body"),
    (BEGIN, new(external_id=5), 422, "external_id"),
    (BEGIN, new(external_id=""), 422, "external_id"),
    (BEGIN, new(external_id="x" * 201), 422, "external_id"),
    (BEGIN, new(customer="u"), 422, "customer"),
    (BEGIN, new(customer=None), 422, "customer"),
    (BEGIN, new(customer={}), 422, "customer.external_id"),
    (BEGIN, new(customer={**CUSTOMER, "email": "not one"}), 422, "customer.email"),
    (BEGIN, new(customer={**CUSTOMER, "email": "x" * 250 + "@example.com"}), 422, "customer.email"),
    (BEGIN, new(customer={**CUSTOMER, "tier": 1}), 422, "customer.tier"),
    (BEGIN, new(customer={**CUSTOMER, "tier": "x" * 41}), 422, "customer.tier"),
    (BEGIN, new(customer={**CUSTOMER, "name": "x" * 201}), 422, "customer.name"),
    (BEGIN, new(customer={**CUSTOMER, "account": []}), 422, "customer.account"),
    (BEGIN, new(customer={**CUSTOMER, "orders": {}}), 422, "customer.orders"),
    (BEGIN, new(customer={**CUSTOMER, "orders": [{}] * 201}), 422, "customer.orders"),
    (BEGIN, new(customer={**CUSTOMER, "age": 40}), 422, "customer.age"),
    (BEGIN, new(medium="pigeon"), 422, "medium"),
    (BEGIN, new(assistant="nobody"), 422, "assistant"),
    (BEGIN, new(assistant="\x00"), 422, "assistant"),
    (BEGIN, new(language="x" * 21), 422, "language"),
    (HAND, {}, 422, "reason"),
    (HAND, {"reason": " "}, 422, "reason"),
    (HAND, {"reason": "x" * 201}, 422, "reason"),
    (HAND, {"reason": "Now", "urgency": "panic"}, 422, "urgency"),
    (HAND, {"reason": "Now", "note": 5}, 422, "note"),
    ("/conversations/x/handoff", {"reason": "Now"}, 404, ""),
    ("/nowhere", {}, 404, ""),
    ("/", {}, 404, ""),
]

AGENTS: list[tuple[str, Any, int, str]] = [
    (f"{ACT}/claim", {"epoch": "3"}, 422, "epoch"),
    (f"{ACT}/claim", {"agent": "ann"}, 422, "agent"),
    (f"{ACT}/claim", [], 422, "body"),
    (f"{ACT}/claim", b"{]", 400, ""),
    (f"{ACT}/release", {"note": []}, 422, "note"),
    (f"{ACT}/transfer", {}, 422, "team"),
    (f"{ACT}/transfer", {"team": "\x00"}, 422, "team"),
    (f"{ACT}/transfer", {"team": 5}, 422, "team"),
    (f"{ACT}/resolve", {"hand_back": "no"}, 422, "hand_back"),
    (f"{ACT}/resolve", {"resolution": "x" * 16_385}, 422, "resolution"),
    (f"{ACT}/hand_back", {"resolution": {}}, 422, "resolution"),
    (f"{ACT}/hand_back", {"heard": -1}, 422, "heard"),
    (f"{ACT}/turns", {"text": ""}, 422, "text"),
    (f"{ACT}/turns", {"text": "x" * 16_385}, 422, "text"),
    (f"{ACT}/turns", {"text": "Hi", "client_id": ""}, 422, "client_id"),
    (f"/handoffs/{U}/claim", {}, 404, ""),
    ("/handoffs/1/claim", {}, 404, ""),
    (f"{ACT}/explode", {}, 404, ""),
]

ADDRESSES: list[tuple[str, int, str]] = [
    ("/conversations/{c}/turns?after=x", 422, "after"),
    ("/conversations/{c}/turns?after=-1", 422, "after"),
    ("/conversations/{c}/turns?after=99999999999999999999", 422, "after"),
    ("/conversations/{c}/turns?wait=26", 422, "wait"),
    ("/conversations/{c}/turns?wait=nan", 422, "wait"),
    ("/conversations/%F0%9F%92%A9", 404, ""),
    ("/conversations", 405, ""),
    ("/handoffs?state=lost", 422, "state"),
    ("/handoffs?page=0", 422, "page"),
    ("/handoffs?page=1e9", 422, "page"),
    ("/handoffs?page_size=101", 422, "page_size"),
    ("/handoffs/%00", 404, ""),
]


@pytest.fixture
def calls(conversation: Conversation, claimed: Handoff, juniper: Assistant, ann: Agent) -> Callable[..., tuple[int, Any, Any]]:
    """Sends one request and returns its status, its body and its content type."""
    callers = {owner: Caller(ApiKey.make(**{owner: row})) for owner, row in (("assistant", juniper), ("agent", ann))}

    def call(path: str, body: Any, by: str = "assistant") -> tuple[int, Any, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        response = callers[by].send(path.format(c=conversation.pk, h=claimed.pk), data)
        return (*read(response), response["Content-Type"])

    return call


@pytest.mark.parametrize(("path", "body", "status", "field"), WORDS)
def test_bad_words_are_refused_and_the_corrected_ones_are_kept_once(
    calls: Callable[..., Any], conversation: Conversation, path: str, body: Any, status: int, field: str
) -> None:
    assert outline(*calls(path, body)) == (status, field, "application/problem+json")
    assert conversation.turns.count() == 0
    for _ in range(2):
        assert calls(TURNS, said("Where is my parcel?"))[0] == 201
    assert [turn.text for turn in conversation.turns.all()] == ["Where is my parcel?"]


@pytest.mark.parametrize(("path", "body", "status", "field"), OTHERS)
def test_bad_requests_of_assistants_change_nothing(
    calls: Callable[..., Any], conversation: Conversation, path: str, body: Any, status: int, field: str
) -> None:
    before = (Conversation.objects.count(), Customer.objects.count(), Handoff.objects.count())
    assert outline(*calls(path, body)) == (status, field, "application/problem+json")
    assert (Conversation.objects.count(), Customer.objects.count(), Handoff.objects.count()) == before


@pytest.mark.parametrize(("path", "body", "status", "field"), AGENTS)
def test_bad_requests_of_agents_change_nothing(calls: Callable[..., Any], path: str, body: Any, status: int, field: str) -> None:
    before = (Step.objects.count(), Turn.objects.count())
    assert outline(*calls(path, body, by="agent")) == (status, field, "application/problem+json")
    assert (Step.objects.count(), Turn.objects.count()) == before


@pytest.mark.parametrize(("path", "status", "field"), ADDRESSES)
def test_bad_addresses_are_refused(conversation: Conversation, juniper: Assistant, path: str, status: int, field: str) -> None:
    code, body = Caller(ApiKey.make(assistant=juniper)).get(path.format(c=conversation.pk))
    assert outline(code, body) == (status, field, "application/problem+json")


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/json; charset=latin-1", ""])
def test_only_json_in_utf8_is_read(conversation: Conversation, juniper: Assistant, kind: str) -> None:
    response = Caller(ApiKey.make(assistant=juniper)).send(f"/conversations/{conversation.pk}/turns", json.dumps(said()).encode(), kind=kind)
    assert outline(*read(response)) == (415, "", "application/problem+json")


def test_the_longest_turn_fits(calls: Callable[..., Any], conversation: Conversation) -> None:
    assert calls(TURNS, said("é" * 8192))[0] == 201
    assert len(conversation.turns.get().text) == 8192


def test_characters_no_database_keeps_are_replaced_everywhere(calls: Callable[..., Any], conversation: Conversation) -> None:
    assert calls(TURNS, said("a\x00b\ud800c😀", intent="\x00") | {"client_id": "\udfff"})[0] == 201
    turn = conversation.turns.get()
    assert (turn.text, turn.client_id, turn.intent) == ("a\ufffdb\ufffdc😀", "\ufffd", "\ufffd")
    facts = {"k\x00": [{"v": "\udc00"}]}
    assert calls(TURNS, said("x\x00", 2, author="assistant", facts=facts, attempts=[{"step": "\x00", "outcome": "done"}]))[0] == 201
    assert conversation.proposals.get().facts == {"k\ufffd": [{"v": "\ufffd"}]}
    account = {"deep": [{"\x00": "\ud800"}]}
    assert calls(BEGIN, new(customer={"external_id": "\x00", "name": "\x00", "account": account}))[0] == 201
    assert Customer.objects.get(external_id="\ufffd").account == {"deep": [{"\ufffd": "\ufffd"}]}


def test_markup_and_large_numbers_are_only_words(calls: Callable[..., Any], conversation: Conversation) -> None:
    hostile = "<script>alert(1)</script>'; DROP TABLE turns; -- {{ 7*7 }} %s"
    assert calls(TURNS, said(hostile))[0] == 201
    assert conversation.turns.get().text == hostile
    assert calls(BEGIN, new(customer={**CUSTOMER, "account": {"points": 10**200}}))[0] == 201
    assert Customer.objects.get(external_id="u").account == {"points": 10**200}


def outline(status: int, body: Any, kind: str = "application/problem+json") -> tuple[int, str, str]:
    assert (body["status"], set(body) >= {"type", "title", "status", "detail", "errors"}) == (status, True)
    return status, body["errors"][0]["field"] if body["errors"] else "", kind
