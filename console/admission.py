"""Who may watch what: asked for many sockets at a time, when they open and again while they are open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from console.streams.base import Stream
from console.streams.registry import listed
from handoffs.conversations import over_before
from handoffs.models import Agent, Conversation
from handoffs.states import Owner

# A server's application may close with 1000 or 3000 to 4999 only.
SIGN_IN, FORBIDDEN = 4401, 4403


class Refused(Exception):
    """The socket may not be opened, or not be kept open; `code` tells the page why."""

    def __init__(self, code: int) -> None:
        self.code = code


@dataclass(frozen=True)
class Wish:
    """Some streams, by their names with commas, for whoever is signed in with a session."""

    session: str
    names: str

    def streams(self) -> tuple[Stream, ...]:
        """Raises LookupError for a name no stream has."""
        return listed(self.names)


def agents(wishes: Sequence[Wish]) -> Sequence[Agent | Refused]:
    """For each wish the agent who may watch all of it, with `teams` at hand, or why not. The same few queries for any number of wishes."""
    # A cookie says what it likes: what no session's key can be would fail the others' question.
    signed_in = _signed_in({wish.session for wish in wishes if wish.session.isalnum()})
    streams = {wish.names: _streams(wish) for wish in wishes}
    watched = _watched({(signed_in[wish.session], stream) for wish in wishes if wish.session in signed_in for stream in streams[wish.names] or ()})

    def verdict(wish: Wish) -> Agent | Refused:
        agent, wanted = signed_in.get(wish.session), streams[wish.names]
        if agent is None:
            return Refused(SIGN_IN)
        # A name in the address proves nothing: each stream is asked whether this agent may watch it, now and again later.
        return agent if wanted is not None and all((agent.pk, stream) in watched for stream in wanted) else Refused(FORBIDDEN)

    return [verdict(wish) for wish in wishes]


def conversations(keys: Sequence[UUID]) -> Sequence[bool]:
    """Which of these conversations exist and are not over for good."""
    open_to_read = Conversation.objects.exclude(owner=Owner.NOBODY, closed_at__lt=over_before())
    known = set(open_to_read.filter(pk__in=keys).values_list("pk", flat=True))
    return [key in known for key in keys]


def _streams(wish: Wish) -> tuple[Stream, ...] | None:
    try:
        return wish.streams()
    except LookupError:
        return None


def _watched(asked: Collection[tuple[Agent, Stream]]) -> frozenset[tuple[int, Stream]]:
    """One question for each kind of stream."""
    kinds = {type(stream) for _, stream in asked}
    return frozenset[tuple[int, Stream]]().union(*(kind.watched([pair for pair in asked if type(pair[1]) is kind]) for kind in kinds))


def _signed_in(keys: set[str]) -> dict[str, Agent]:
    """The agents of the sessions that still stand: signing out, a session's end, a new password and deactivation all end it."""
    sessions = dict(Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now()).values_list("session_key", "session_data"))
    said = {key: _decoded(data) for key, data in sessions.items()}
    active = Agent.objects.filter(pk__in={one[SESSION_KEY] for one in said.values() if SESSION_KEY in one}, is_active=True).prefetch_related("teams")
    by_id = {str(agent.pk): agent for agent in active}
    hashes = {pk: agent.get_session_auth_hash() for pk, agent in by_id.items()}
    return {key: by_id[pk] for key, one in said.items()
            if (pk := one.get(SESSION_KEY, "")) in by_id and constant_time_compare(one.get(HASH_SESSION_KEY, ""), hashes[pk])}


@lru_cache(maxsize=4096)
def _decoded(data: str) -> dict[str, Any]:
    return dict(Session(session_data=data).get_decoded())
