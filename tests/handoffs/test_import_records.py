"""Taking customers' records in from files: what is read, what is refused and said, and that a broken file changes nothing."""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from handoffs import lookups
from handoffs.management import importing
from handoffs.models import Customer, ImportedRecord, RecordSource
from tests.conftest import reload

pytestmark = pytest.mark.django_db
CSV = "External ID,E-mail,Plan,Since\nu-1,amara@example.com,Family,2021\nu-2,,Solo,\n"


@pytest.fixture
def take_in(tmp_path: Path) -> Any:
    """Writes the files and takes them in; what was said, and what was complained about."""

    def run(*bodies: str | bytes, **options: Any) -> tuple[str, str]:
        paths = []
        for number, body in enumerate(bodies):
            path = tmp_path / f"{number}.txt"
            path.write_bytes(body if isinstance(body, bytes) else body.encode())
            paths.append(str(path))
        out, errors = io.StringIO(), io.StringIO()
        call_command("import_records", *paths, stdout=out, stderr=errors, **{"source": "crm", **options})
        return out.getvalue().replace(f"{tmp_path}/", ""), errors.getvalue().replace(f"{tmp_path}/", "")

    return run


def kept() -> dict[str, Any]:
    return dict(ImportedRecord.objects.values_list("key", "body"))


def account(**fields: Any) -> dict[str, Any]:
    return {"account": fields, "orders": [], "tickets": []}


def test_a_csv_is_kept_under_id_and_e_mail(take_in: Any) -> None:
    assert take_in(CSV) == ("0.txt: 2 rows read, 2 new, 0 changed, 0 as they were, 0 refused\n", "")
    amara = account(email="amara@example.com", Plan="Family", Since="2021")
    assert kept() == {"u-1": amara, "amara@example.com": amara, "u-2": account(Plan="Solo")}
    assert [(source.code, source.name, source.plugin) for source in RecordSource.objects.all()] == [("crm", "crm", "imported")]


def test_the_same_file_again_changes_nothing_and_a_newer_one_only_what_differs(take_in: Any) -> None:
    take_in(CSV, name="Old CRM")
    times = list(ImportedRecord.objects.order_by("pk").values_list("pk", "at"))
    assert take_in(CSV)[0] == "0.txt: 2 rows read, 0 new, 0 changed, 2 as they were, 0 refused\n"
    assert list(ImportedRecord.objects.order_by("pk").values_list("pk", "at")) == times
    assert take_in(CSV.replace("Solo", "Duo") + "u-3,,Solo,\n")[0] == "0.txt: 3 rows read, 1 new, 1 changed, 1 as they were, 0 refused\n"
    assert (kept()["u-2"], RecordSource.objects.get().name) == (account(Plan="Duo"), "Old CRM")


def test_json_lines_hold_orders_and_tickets(take_in: Any) -> None:
    rows = [
        {"external_id": 17, "plan": "Family", "address": {"city": "Leeds"}, "orders": [{"id": "A-1"}, "A-2"], "tickets": [{"subject": "Noise"}]},
        {"email": "Bo@Example.com", "account": {"plan": "Solo"}, "since": None},
    ]
    take_in(gzip.compress("\n".join(map(json.dumps, rows)).encode(), mtime=0))
    orders = {"orders": [{"id": "A-1"}, {"title": "A-2"}], "tickets": [{"subject": "Noise"}]}
    assert kept() == {"17": {"account": {"plan": "Family", "address": {"city": "Leeds"}}, **orders}, "bo@example.com": account(plan="Solo")}


@pytest.mark.parametrize(("body", "options", "plan"), [
    ("\ufeffexternal_id;plan\nu-1;Größe\n".encode(), {}, "Größe"),
    ("external_id\tplan\nu-1\tGröße\n".encode("utf-16"), {}, "Größe"),
    ("external_id,plan\r\nu-1,Größe\r\n".encode("cp1252"), {"encoding": "cp1252"}, "Größe"),
    (b'Kundennummer,plan\nu-1,"a ""b"",\nc"\n', {"id": "kundennummer"}, 'a "b",\nc'),
    ('\ufeff{"external_id": "u-1", "plan": "Größe"}\n\n'.encode(), {}, "Größe"),
], ids=["mark and semicolons", "wide and tabs", "cp1252 by name", "other column, quotes", "JSON with a mark"])
def test_files_of_many_kinds_are_read(take_in: Any, body: bytes, options: dict[str, str], plan: str) -> None:
    take_in(body, **options)
    assert kept() == {"u-1": account(plan=plan)}


def test_rows_that_cannot_be_used_are_named_by_line_and_left_out(take_in: Any) -> None:
    said, complaints = take_in(
        f"external_id,email,plan\nu-1,,A\n,,B\nu-2,no address,C\nu-3,,D,E\nu-1,,F\n{'x' * 300},,G\nu-4,,\n\nu-5,,H\n"
    )
    assert said == "0.txt: 8 rows read, 2 new, 0 changed, 0 as they were, 6 refused\n"
    assert complaints.splitlines() == [
        "0.txt, line 3: neither external_id nor email", "0.txt, line 4: 'no address' is no e-mail address", "0.txt, line 5: 4 values for 3 columns",
        "0.txt, line 6: 'u-1' was in line 2 already", "0.txt, line 7: a key has at most 254 characters, on one line", "0.txt, line 8: nothing beside the key",
    ]
    assert set(kept()) == {"u-1", "u-5"}


@pytest.mark.parametrize(("line", "reason"), [
    ('{"external_id": "u-1", ', "not a JSON object"), ("[1]", "not a JSON object"), ('{"external_id": {"a": 1}, "p": 1}', "cannot be a key"),
    ('{"external_id": true, "p": 1}', "cannot be a key"), ('{"external_id": "u-1", "orders": {"a": 1}}', "orders must be a list"),
    ('{"external_id": "u-1", "account": [1]}', "account must be an object"), ("[" * 100_000, "not a JSON object"),
], ids=["half", "a list", "an object as id", "true as id", "orders", "account", "deep"])
def test_broken_lines_of_json_are_refused(take_in: Any, line: str, reason: str) -> None:
    said, complaints = take_in('{"external_id": "u-0", "plan": "A"}\n' + line)
    assert (said.partition(":")[2], reason in complaints) == (" 2 rows read, 1 new, 0 changed, 0 as they were, 1 refused\n", True)


@pytest.mark.parametrize(("body", "words"), [
    ("external_id,plan\nu-1,Größe\n".encode("cp1252"), "line 2: not utf-8"), (b"PK\x03\x04 a workbook", "save it as CSV"),
    (b"name,plan\nAmara,Family\n", "no column 'external_id' or 'email'"), (b'external_id,plan\nu-1,"Family\n', "line 2"), (b"", "no column"),
    (b'[{"external_id": "u-1"}]', "an object on each line"), (b"\x1f\x8b broken", "gzip"), (b"external_id,plan,plan\nu-1,A,B\n", "twice"),
], ids=["cp1252", "spreadsheet", "no key", "open quote", "empty", "one list", "half gzip", "a column twice"])
def test_a_file_that_cannot_be_read_changes_nothing(take_in: Any, body: bytes, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        take_in(CSV, body)
    assert (kept(), RecordSource.objects.count()) == ({}, 0)


def test_an_error_half_way_leaves_nothing_behind(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 1)
    changes = importing.Changes(RecordSource(code="crm", name="CRM", plugin="imported"), {"u-1": {"x": 1}, "u-2": {"x": object()}})
    with pytest.raises(TypeError):
        changes.write()
    assert (kept(), RecordSource.objects.count()) == ({}, 0)


def test_several_files_are_one_import(take_in: Any) -> None:
    said, _ = take_in(CSV, CSV.replace("Solo", "Duo"))
    assert said.splitlines() == [
        "0.txt: 2 rows read, 2 new, 0 changed, 0 as they were, 0 refused", "1.txt: 2 rows read, 0 new, 1 changed, 1 as they were, 0 refused"
    ]
    assert kept()["u-2"] == account(Plan="Duo")


def test_an_e_mail_that_two_ids_share_finds_nobody(take_in: Any) -> None:
    take_in("external_id,email,plan\nu-1,home@example.com,A\n")
    take_in("external_id,email,plan\nu-1,home@example.com,A\nu-2,home@example.com,B\n")
    assert set(kept()) == {"u-1", "u-2"}


@pytest.mark.parametrize(("source", "words"), [("web", "no imported file"), ("a b", "No source can be called")])
def test_a_source_of_another_kind_or_without_a_proper_code_is_refused(take_in: Any, source: str, words: str) -> None:
    RecordSource.objects.create(code="web", name="Web", plugin="http")
    with pytest.raises(CommandError, match=words):
        take_in(CSV, source=source)
    assert kept() == {}


def test_what_was_imported_stands_in_the_next_brief(take_in: Any, customer: Customer, hand_off: Any) -> None:
    take_in(CSV)
    handoff = hand_off()
    lookups.work()
    assert reload(handoff).what_to_know.record.account == {"email": "amara@example.com", "Plan": "Family", "Since": "2021"}
