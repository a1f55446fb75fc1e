"""The transcript in docs/api.md is run as it stands."""

import os
import re
import subprocess
from typing import Any

import pytest

from handoffs.models import Agent, ApiKey, Assistant, Handoff
from tests.servers import ROOT, Site


@pytest.mark.django_db(transaction=True)
def test_the_transcript_works(site: Site, juniper: Assistant, ann: Agent, teams: dict[str, Any]) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.DOTALL)
    script = "\n".join(line for line in "\n".join(blocks).splitlines() if not line.startswith("export "))
    keys = {"ASSISTANT": ApiKey.make(assistant=juniper), "AGENT": ApiKey.make(agent=ann)}
    run = subprocess.run(["bash", "-eu", "-c", script], env={**os.environ, "BATON": f"{site.url}/api/v1", **keys}, capture_output=True, text=True, timeout=60)
    handoff = Handoff.objects.get()
    assert (run.returncode, "/problems/" in run.stdout, handoff.state) == (0, False, "handed_back"), run.stdout + run.stderr
    said = handoff.conversation.turns.exclude(author="waiting_room").values_list("author", "text")
    assert list(said)[-2:] == [("agent", "I am refunding the second payment now."), ("assistant", "All settled. Anything else?")]
