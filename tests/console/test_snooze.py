"""Putting a handoff aside from its desk and over the API, and where it stands meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from console.streams.desk import Desk
from console.streams.tray import Tray
from handoffs import snoozing
from handoffs.models import Agent, Handoff, Team
from tests.conftest import reload
from tests.console.api_caller import Caller

HOUR = timedelta(hours=1)


def url(name: str, handoff: Handoff) -> str:
    return reverse(name, args=[handoff.pk])


def tray(agent: Agent) -> str:
    return Tray(str(agent.pk)).parts()["tray"]


def test_it_leaves_the_list_for_a_folded_group(claimed: Handoff, ann: Agent) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + HOUR)
    before, _, group = tray(ann).partition("<details")
    assert (url("desk", claimed) in before, url("desk", claimed) in group, " open" in group.partition(">")[0]) == (False, True, False)


def test_back_from_it_has_a_mark(claimed: Handoff, ann: Agent) -> None:
    Handoff.objects.filter(pk=claimed.pk).update(snoozed_until=timezone.now() - HOUR)
    assert ("data-woken" in tray(ann), "<details" in tray(ann)) == (True, False)


def test_opening_it_takes_the_mark_away(signed_in: Any, claimed: Handoff, ann: Agent) -> None:
    Handoff.objects.filter(pk=claimed.pk).update(snoozed_until=timezone.now() - HOUR)
    signed_in(ann).get(url("desk", claimed))
    assert "data-woken" not in tray(ann)


@pytest.mark.parametrize(("minutes", "seconds"), [("15", 900), ("60", 3600)])
def test_minutes_are_chosen(signed_in: Any, claimed: Handoff, ann: Agent, minutes: str, seconds: int) -> None:
    answer = signed_in(ann).post(url("snooze", claimed), {"for": minutes})
    until = reload(claimed).snoozed_until
    assert until is not None
    assert (answer.status_code, seconds - 60 < (until - timezone.now()).total_seconds() <= seconds) == (303, True)
    assert reload(claimed).conversation.turns.last().kind == "joined"


def test_a_time_of_ones_own_is_where_the_team_works(signed_in: Any, claimed: Handoff, ann: Agent) -> None:
    Team.objects.update(time_zone="Asia/Tokyo")
    day = timezone.localdate() + timedelta(days=2)
    signed_in(ann).post(url("snooze", claimed), {"for": "own", "until": f"{day}T14:30", "tell": "on"})
    until, said = reload(claimed).snoozed_until, reload(claimed).conversation.turns.last()
    assert until is not None
    assert (f"{until:%H:%M}", "14:30 JST" in said.text, said.kind) == ("05:30", True, "check_in")


@pytest.mark.parametrize("form", [{}, {"for": "own"}, {"for": "own", "until": "soon"}, {"for": "own", "until": "2026-02-31T09:00"}, {"for": "0"},
                                  {"for": "own", "until": "\x00"}, {"for": "999999999"}], ids=str)
def test_no_time_is_refused_with_words(signed_in: Any, claimed: Handoff, ann: Agent, form: dict[str, str]) -> None:
    assert signed_in(ann).post(url("snooze", claimed), form).status_code == 403


def test_the_desk_says_so_and_takes_it_up_again(signed_in: Any, claimed: Handoff, ann: Agent) -> None:
    snoozing.snooze(claimed, ann, timezone.now() + HOUR)
    state = Desk(str(claimed.pk)).parts()[f"hbar-state-{claimed.pk}"]
    answer = signed_in(ann).post(url("wake", claimed))
    assert ("Snoozed until" in state, answer.headers["Location"], reload(claimed).snoozed_until) == (True, url("desk", claimed), None)


@pytest.mark.parametrize("act", ["snooze", "wake"])
def test_strangers_find_nothing_to_put_aside(signed_in: Any, claimed: Handoff, dan: Agent, act: str) -> None:
    assert signed_in(dan).post(url(act, claimed), {"for": "15"}).status_code == 404


def test_over_the_api(claimed: Handoff, ann: Agent, bob: Agent, key: Callable[..., str]) -> None:
    caller, until = Caller(key(agent=ann)), (timezone.now() + HOUR).replace(microsecond=0)
    path = f"/handoffs/{claimed.pk}"
    status, body = caller.post(f"{path}/snooze", {"until": until.isoformat(), "epoch": claimed.conversation.epoch})
    late = caller.post(f"{path}/snooze", {"until": "2031-01-01T00:00:00Z"})[0]
    foreign = Caller(key(agent=bob)).post(f"{path}/wake", {})[0]
    woken = caller.post(f"{path}/wake", {})
    assert (status, body["snoozed_until"], late, foreign, woken[0], woken[1]["snoozed_until"]) == (200, f"{until:%Y-%m-%dT%H:%M:%SZ}", 403, 409, 200, None)
