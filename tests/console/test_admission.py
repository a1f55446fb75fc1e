"""Who may watch what, asked for many sockets at once, and who is here, written for all of them at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console import admission, permissions
from console.admission import FORBIDDEN, SIGN_IN, Refused, Wish
from console.consumers import AgentSocket
from console.pulse import Pulse
from handoffs.models import Agent, Conversation, Handoff

SignIn = Callable[[Agent], Client]


def session(client: Client) -> str:
    return client.cookies["sessionid"].value


def verdicts(*wishes: Wish) -> list[object]:
    return [answer.code if isinstance(answer, Refused) else answer for answer in admission.agents(wishes)]


def test_each_of_many_gets_its_own_answer(ann: Agent, dan: Agent, signed_in: SignIn, handoff: Handoff) -> None:
    hers, his = session(signed_in(ann)), session(signed_in(dan))
    asked = [Wish(hers, "queue:billing"), Wish(his, "queue:billing"), Wish("made up", ""), Wish(hers, f"desk:{handoff.pk}"), Wish(his, f"desk:{handoff.pk}"),
             Wish(hers, "nothing:1"), Wish("", ""), Wish("\0abc", "")]
    assert verdicts(*asked) == [ann, FORBIDDEN, SIGN_IN, ann, FORBIDDEN, FORBIDDEN, SIGN_IN, SIGN_IN]


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_a_change_of_the_agent_ends_the_right(ann: Agent, signed_in: SignIn, change: dict[str, Any]) -> None:
    hers = session(signed_in(ann))
    Agent.objects.filter(pk=ann.pk).update(**change)
    assert verdicts(Wish(hers, "queue:billing")) == [SIGN_IN]


def test_leaving_a_team_ends_the_right(ann: Agent, signed_in: SignIn) -> None:
    hers = session(signed_in(ann))
    ann.teams.clear()
    assert verdicts(Wish(hers, "queue:billing")) == [FORBIDDEN]


def test_many_sockets_cost_no_more_queries_than_one(person: Callable[..., Agent], signed_in: SignIn) -> None:
    wishes = [Wish(session(signed_in(person(f"agent{number}", "billing"))), "queue:billing") for number in range(6)]

    def queries(asked: list[Wish]) -> int:
        with CaptureQueriesContext(connection) as made:
            verdicts(*asked)
        return len(made)

    assert (queries(wishes[:1]), queries(wishes * 20)) == (3, 3)


def test_many_desks_cost_one_query_and_each_agent_sees_their_own(ann: Agent, bob: Agent, cara: Agent, dan: Agent, signed_in: SignIn,
                                                                 hand_off: Callable[..., Handoff]) -> None:
    people, handoffs = (ann, bob, cara, dan), [hand_off() for _ in range(3)]
    Handoff.objects.filter(pk=handoffs[0].pk).update(agent=dan)
    wishes = [Wish(session(signed_in(agent)), f"desk:{handoff.pk}") for agent in people for handoff in handoffs]
    with CaptureQueriesContext(connection) as made:
        answers = verdicts(*wishes, Wish(wishes[0].session, f"desk:{uuid4()},queue:billing"))
    assert len(made) == 4
    alone = [agent if permissions.handoffs_of(agent).filter(pk=handoff.pk).exists() else FORBIDDEN for agent in people for handoff in handoffs]
    assert answers == [*alone, FORBIDDEN] == [*[ann] * 3, *[bob] * 3, *[cara] * 3, dan, FORBIDDEN, FORBIDDEN, FORBIDDEN]


def test_made_up_conversations_are_told_from_real_ones(conversation: Conversation) -> None:
    assert admission.conversations([conversation.pk, uuid4()]) == [True, False]


@pytest.mark.django_db(transaction=True)
async def test_of_several_pages_the_one_touched_last_says_how_idle_an_agent_is(ann: Agent, policy: Callable[..., Any]) -> None:
    await sync_to_async(policy)(away_when_idle=60)
    await Agent.objects.filter(pk=ann.pk).aupdate(lease_until=None, status_since=timezone.now() - timedelta(hours=1))
    pulse = Pulse()
    pulse.note(ann.pk, 3600)
    pulse.note(ann.pk, 5)
    pulse.note(ann.pk, 3600)
    await pulse._write()
    await ann.arefresh_from_db()
    assert (ann.status, ann.lease_until is not None) == (Agent.Status.AVAILABLE, True)
    other = Pulse()
    other.note(ann.pk, 3600)
    await other._write()
    await ann.arefresh_from_db()
    assert ann.status == Agent.Status.AWAY


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_open", [True, False])
async def test_who_answered_while_the_database_was_away_is_noted_when_it_is_back(ann: Agent, is_open: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> Any:
        raise OperationalError

    await Agent.objects.filter(pk=ann.pk).aupdate(lease_until=None)
    pulse, page = Pulse(), AgentSocket({"query_string": b""}, receive=None, send=None)  # type: ignore[arg-type]
    page.agent = ann
    pulse.sockets |= {page} if is_open else set()
    pulse.note(ann.pk)
    with monkeypatch.context() as outage:
        outage.setattr(Agent.objects, "filter", away)
        with pytest.raises(OperationalError):
            await pulse._write()
    await pulse._write()
    await ann.arefresh_from_db()
    assert (ann.lease_until is not None) == is_open


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_of_a_customer_is_noted(conversation: Conversation) -> None:
    await Pulse().arrived(conversation.pk)
    await conversation.arefresh_from_db()
    assert conversation.page_open_until is not None
    assert conversation.page_open_until > timezone.now()
