"""The plug-ins that know customers, against a real server that behaves well and badly."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from handoffs import plugins, records
from handoffs.records import Failed, Found, Who
from handoffs.records.fitting import fitted
from handoffs.records.http import address
from handoffs.records.paths import at
from tests.crm import AMARA, Crm, serving, waited

SOURCES = plugins.load("handoffs.records")
HTTP = SOURCES["http"]
MAPPED = {
    "account": {"plan": "subscription.plan", "phone": "phones[0].number"},
    "orders": {"at": "orders", "fields": {"id": "number", "total": "amount.gross"}},
    "tickets": {"at": "cases"},
}
WHO = Who("amara", "amara@example.com", "Amara Osei")


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    with serving() as server:
        yield server


def ask(url: str, who: Who = WHO, **settings: Any) -> Found | None:
    found: Found | None = HTTP.look_up(HTTP.Settings(**{"url": url, **MAPPED, **settings}), who)
    return found


@pytest.mark.parametrize("code", SOURCES)
def test_every_source_says_what_it_is_and_reads_its_settings(code: str) -> None:
    source = SOURCES[code]
    assert (bool(source.label), bool(source.__doc__), issubclass(source.Settings, records.Settings)) == (True, True, True)
    assert {fits for _, fits in source.examples} == {True, False}
    for settings, fits in source.examples:
        if fits:
            source.Settings.model_validate(settings)
        else:
            with pytest.raises(ValidationError) as error:
                source.Settings.model_validate(settings)
            assert records.wrong(error.value)[0].partition(": ")[2]


def test_the_answer_is_read_where_the_settings_say(crm: Crm) -> None:
    found = ask(f"{crm.url}/c/{{external_id}}")
    assert found == Found(
        {"plan": "Family", "phone": "+44 20 7946 0018"}, ({"id": "A-20817", "total": "49.00"}, {"id": "A-20911"}), tuple(AMARA["cases"])
    )


def test_places_that_the_answer_lacks_are_left_out(crm: Crm) -> None:
    lacking = {"account": {"plan": "subscription.plan", "a": "x.y[3].z", "b": "phones[9]", "c": "orders.id"}, "orders": {"at": "subscription"}, "tickets": {}}
    assert ask(f"{crm.url}/c/{{external_id}}", **lacking) == Found({"plan": "Family"})


@pytest.mark.parametrize("who", [Who("nobody"), Who("")], ids=["unknown", "without an id"])
def test_a_customer_it_does_not_know_is_no_error(crm: Crm, who: Who) -> None:
    assert ask(f"{crm.url}/c/{{external_id}}", who) is None


def test_what_a_found_customer_lacks_altogether_is_no_record(crm: Crm) -> None:
    assert ask(f"{crm.url}/c/{{external_id}}", account={"x": "nowhere"}, orders=None, tickets=None) is None


@pytest.mark.parametrize(("path", "words"), [
    ("broken", "answered 500"), ("closed", "refused us"), ("elsewhere", "elsewhere"), ("html", "not JSON"), ("nan", "not JSON"), ("deep", "not JSON"),
    ("huge", "more than 1 MB"), ("packed", "packed"), ("half", "broke off"),
])
def test_a_bad_answer_fails_in_a_few_words(crm: Crm, path: str, words: str) -> None:
    with pytest.raises(Failed, match=words):
        ask(f"{crm.url}/{path}/{{external_id}}")


@pytest.mark.parametrize("path", ["hang", "drip", "drip-head"])
def test_the_whole_answer_has_one_limit_of_time(crm: Crm, path: str) -> None:
    def asked() -> None:
        with pytest.raises(Failed, match=r"longer than 0.2 s"):
            ask(f"{crm.url}/{path}/{{external_id}}", timeout=0.2)

    assert waited(asked) < 5


def test_a_host_that_is_not_there_cannot_be_reached() -> None:
    with pytest.raises(Failed, match="cannot be reached"):
        ask("http://127.0.0.1:1/{external_id}")


@pytest.mark.parametrize(("identity", "path"), [
    ("@evil.example", "/c/%40evil.example"), ("a/b?admin=1&x", "/c/a%2Fb%3Fadmin%3D1%26x"), ("x#y", "/c/x%23y"), ("{name}", "/c/%7Bname%7D"),
    ("a\r\nX-Evil: 1", "/c/a%0D%0AX-Evil%3A%201"),
    ("${CRM_TOKEN}", "/c/%24%7BCRM_TOKEN%7D"), ("%2e%2e%2fadmin", "/c/%252e%252e%252fadmin"), ("ünï", "/c/%C3%BCn%C3%AF"),
    ("//evil.example/x", "/c/%2F%2Fevil.example%2Fx"),
])
def test_an_id_stays_one_piece_of_the_address(crm: Crm, identity: str, path: str) -> None:
    assert ask(f"{crm.url}/c/{{external_id}}", Who(identity)) is None
    assert crm.seen[-1][0] == path
    assert "X-Evil" not in crm.seen[-1][1]


@pytest.mark.parametrize("identity", ["..", ".", "../../admin?x=", "a/../b", "..\\admin"])
def test_nobody_is_called_a_way_up(identity: str) -> None:
    assert address("https://crm.example/c/{external_id}/orders", Who(identity)) is None


def test_a_secret_comes_from_the_machine_and_nothing_else_of_it_can_be_named(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    headers = {"Authorization": "Bearer ${CRM_TOKEN}"}
    with pytest.raises(Failed, match="needs CRM_TOKEN, which is not set"):
        ask(f"{crm.url}/c/{{external_id}}", headers=headers)
    monkeypatch.setenv("CRM_TOKEN", "s3cret\n")
    assert ask(f"{crm.url}/c/{{external_id}}", headers=headers)
    assert crm.seen[-1][1]["Authorization"] == "Bearer s3cret"
    monkeypatch.setenv("CRM_TOKEN", "s3cret\r\nX-Evil: 1")
    with pytest.raises(Failed, match="cannot be sent") as failed:
        ask(f"{crm.url}/c/{{external_id}}", headers=headers)
    assert "s3cret" not in str(failed.value)


def test_an_imported_row_is_found_by_id_before_e_mail() -> None:
    source, rows = SOURCES["imported"], {"amara": {"account": {"plan": "Family"}}, "amara@example.com": {"account": {"plan": "Solo"}, "orders": [{"id": "1"}]}}
    settings = source.Settings()
    assert source.look_up(settings, Who("amara", "amara@example.com", imported=rows)) == Found({"plan": "Family"})
    assert source.look_up(settings, Who("u-9", "Amara@Example.com", imported=rows)) == Found({"plan": "Solo"}, ({"id": "1"},))
    assert source.look_up(settings, Who("u-9", "", imported=rows)) is None


@pytest.mark.parametrize(("path", "value"), [
    ("a.b[1].c", 7), ("a.b[5].c", None), ("a[0]", None), ("a.b.c", None), ("x", None), (None, {"a": {"b": [0, {"c": 7}]}}),
])
def test_places_in_an_answer(path: str | None, value: Any) -> None:
    assert at({"a": {"b": [0, {"c": 7}]}}, path) == value


def test_what_is_kept_fits_a_page_and_both_databases() -> None:
    nested: Any = "x"
    for _ in range(50):
        nested = {"n": [nested]}
    wild = {
        "nul": "a\0b", "half": "\ud800", "long": "y" * 9000, "empty": "", "none": None, "number": 10**400, "deep": nested, 3: True,
        **{f"f{n}": n for n in range(500)},
    }
    kept = fitted(Found(wild, ("A-1", {"id": "A-2"}, None, *({"id": n} for n in range(900))), ()))
    assert (kept["account"]["nul"], kept["account"]["half"], len(kept["account"]["long"]), kept["account"]["3"]) == ("ab", "?", 500, True)
    assert kept["orders"][:2] == [{"title": "A-1"}, {"id": "A-2"}]
    assert (len(kept["account"]), len(kept["orders"]), kept["left_out"], len(json.dumps(kept)) < 20_000) == (60, 199, {"orders": 703}, True)
