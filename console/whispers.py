"""What pages say to one another in passing, who types and who looks: kept nowhere, asked of no database, and never anybody's words.

What a page sends counts only as a sign: who it is, what it is about and who hears of it comes from what its socket was let in for.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.crypto import salted_hmac

from console.hub import hub
from console.streams.base import CONVERSATION, colleagues_group, conversation_group
from console.streams.desk import Desk

if TYPE_CHECKING:
    from console.consumers import LiveSocket

Whisper = tuple[str, Mapping[str, Any]]


def heard(socket: "LiveSocket", frame: Mapping[str, Any]) -> Whisper | None:
    """The group and the frame to pass on for what a page said, or None when it may not be said. `gone` takes back what was said before."""
    said = {"typing": typing, "looking": looking}.get(str(frame.get("t")))
    whisper = said(socket) if said else None
    return (whisper[0], {**whisper[1], "gone": frame.get("gone") is True}) if whisper else None


def typing(socket: "LiveSocket") -> Whisper | None:
    """To everybody who has the conversation open: the customer types, or an agent at its desk does."""
    if socket.conversation:
        return conversation_group(socket.conversation), {"t": "typing", "who": "customer"}
    groups = _groups(socket)
    group = next((group for group in groups if group.startswith(CONVERSATION)), "")
    return (group, {"t": "typing", "who": typist(socket.agent.pk)}) if group and socket.agent else None


def looking(socket: "LiveSocket") -> Whisper | None:
    """To the colleagues of the team: an agent has this handoff open. No customer listens there."""
    groups, desk = _groups(socket), _desk(socket)
    group = next((group for group in groups if group.startswith(colleagues_group(""))), "")
    if not group or socket.agent is None or desk is None:
        return None
    return group, {"t": "looking", "handoff": str(UUID(desk.key)), "who": socket.agent.pk, "name": socket.agent.public_name, "initials": socket.agent.initials}


def typist(agent: int | None) -> str:
    """An agent's sign in what customers hear: it tells their own agent from others, and nothing else."""
    return salted_hmac("baton.typist", str(agent)).hexdigest()[:16] if agent else ""


def _desk(socket: "LiveSocket") -> Desk | None:
    return next((stream for stream in socket.streams if isinstance(stream, Desk)), None)


def _groups(socket: "LiveSocket") -> frozenset[str]:
    """The groups of the desk a page shows."""
    desk = _desk(socket)
    return hub().groups_of([desk]) if desk else frozenset()
