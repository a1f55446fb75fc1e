"""The API on a real server: the long poll answers when something is said, and not before; the transcript in docs/api.md is run as it stands."""

import http.client
import json
import os
import re
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from handoffs import receiving, turns
from handoffs.models import Agent, ApiKey, Assistant, Conversation, Handoff
from tests.servers import ROOT, Site

pytestmark = pytest.mark.django_db(transaction=True)


def ask(site: Site, key: str, path: str) -> tuple[float, Any]:
    """How long the answer took, and the answer."""
    began = time.monotonic()
    request = urllib.request.Request(f"{site.url}/api/v1{path}", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=40) as answer:
        return time.monotonic() - began, json.load(answer)


@pytest.fixture
def key(juniper: Assistant) -> str:
    return ApiKey.make(assistant=juniper)


def test_words_end_the_wait_at_once(site: Site, key: str, conversation: Conversation) -> None:
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, site, key, f"/conversations/{conversation.pk}/turns?wait=25")
        assert wait([waiting], 1.5).not_done
        turns.take(conversation, "Are you there?", client_id="1")
        _, body = waiting.result(20)
    assert ([turn["text"] for turn in body["turns"]], body["last_number"]) == (["Are you there?"], 1)


def test_what_is_there_already_is_not_waited_for(site: Site, key: str, handoff: Handoff) -> None:
    took, body = ask(site, key, f"/conversations/{handoff.conversation_id}/turns?after=1&wait=25")
    assert (took < 20, [turn["number"] for turn in body["turns"]]) == (True, [2, 3])


def test_silence_ends_with_the_time(site: Site, key: str, conversation: Conversation) -> None:
    took, body = ask(site, key, f"/conversations/{conversation.pk}/turns?wait=2")
    assert (2 <= took < 20, body["turns"]) == (True, [])


def test_a_new_owner_ends_the_wait(site: Site, key: str, claimed: Handoff, ann: Agent) -> None:
    last = claimed.conversation.turns.count()
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, site, key, f"/conversations/{claimed.conversation_id}/turns?after={last}&wait=25")
        assert wait([waiting], 1).not_done
        receiving.resolve(claimed, ann)
        _, body = waiting.result(20)
    assert body["owner"]["kind"] == "agent"


def test_many_may_wait_while_others_work(site: Site, key: str, conversation: Conversation) -> None:
    with ThreadPoolExecutor(40) as threads:
        waiting = [threads.submit(ask, site, key, f"/conversations/{conversation.pk}/turns?wait=25") for _ in range(40)]
        assert len(wait(waiting, 2).not_done) == 40
        ask(site, key, f"/conversations/{conversation.pk}")
        assert not any(each.done() for each in waiting)
        turns.take(conversation, "Are you there?", client_id="1")
        bodies = [each.result(20)[1] for each in waiting]
    assert {len(body["turns"]) for body in bodies} == {1}


def test_a_large_body_of_unknown_length_is_refused(site: Site, key: str, conversation: Conversation) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", f"/api/v1/conversations/{conversation.pk}/turns", iter([b"x" * 100_000] * 3), headers, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.load(answer)["type"]) == (413, "/problems/too-large")
    connection.close()


def test_the_transcript_works(site: Site, juniper: Assistant, ann: Agent, teams: dict[str, Any]) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)
    script = "\n".join(line for line in "\n".join(blocks).splitlines() if not line.startswith("export "))
    keys = {"ASSISTANT": ApiKey.make(assistant=juniper), "AGENT": ApiKey.make(agent=ann)}
    run = subprocess.run(["bash", "-eu", "-c", script], env={**os.environ, "BATON": f"{site.url}/api/v1", **keys}, capture_output=True, text=True, timeout=60)
    handoff = Handoff.objects.get()
    assert (run.returncode, "/problems/" in run.stdout, handoff.state) == (0, False, "handed_back"), run.stdout + run.stderr
    said = handoff.conversation.turns.exclude(author="waiting_room").values_list("author", "text")
    assert list(said)[-2:] == [("agent", "I am refunding the second payment now."), ("assistant", "All settled. Anything else?")]
