"""An agent lets go: for `undo_for` seconds it can be taken back, and the customer hears nothing; then the sweep does it."""

from datetime import timedelta

from django.db import transaction

from handoffs import clock, handback, receiving, transitions
from handoffs.models import Agent, Conversation, Handoff, PolicyVersion, Step, Team
from handoffs.states import State
from handoffs.transitions import Stale, move


def transfer(handoff: Handoff, agent: Agent, team: Team, *, note: str = "", seen: int | None = None) -> Step:
    """Pass on what the agent holds to another team, in a moment; what they do not hold, or without such a moment, at once."""
    wait = PolicyVersion.in_force().undo_for
    if not wait or handoff.state != State.CLAIMED or handoff.agent_id != agent.pk:
        return receiving.transfer(handoff, agent, team, note=note, seen=seen)
    # The note goes along with the move itself: undone, nobody has read it.
    return move(handoff, State.PASSING, verb="passing", by="agent", actor=agent, seen=seen, detail={"team": team.code, "note": note},
                moving_to=team, due_at=clock.now() + timedelta(seconds=wait))


def hand_back(handoff: Handoff, agent: Agent, *, resolution: str = "", seen: int | None = None, heard: int | None = None) -> Step:
    """Give the conversation back to its assistant, in a moment."""
    if not PolicyVersion.in_force().undo_for:
        return handback.hand_back(handoff, agent, resolution=resolution, seen=seen, heard=heard)
    return receiving.resolve(handoff, agent, resolution=resolution, seen=seen, heard=heard)


def undo(handoff: Handoff, agent: Agent) -> Step:
    """Take back what the agent let go of a moment ago. Raises Stale when it has happened meanwhile."""
    if handoff.state not in (State.PASSING, State.RESOLVED) or handoff.agent_id != agent.pk:
        raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "it is too late to undo")
    return receiving.reopen(handoff, verb="undone", by="agent", agent=agent)


def finish(handoff: Handoff) -> Step:
    """What follows once it can no longer be undone, whether or not the agent is still here."""
    if handoff.state != State.PASSING:
        return handback.finish(handoff)
    note = handoff.steps.filter(verb="passing").latest("id").detail["note"]
    return receiving.pass_on(handoff, handoff.moving_to, note=note) if handoff.moving_to else _stay(handoff, note)


def _stay(handoff: Handoff, note: str) -> Step:
    """The team it was to go to is gone: its agent has it again, and reads why."""
    with transaction.atomic():
        step = receiving.reopen(handoff, verb="undone", by="baton")
        transitions.note(handoff, "noted", by="baton", note=f"The team it was passed on to is gone: it is with you again. {note}".strip())
    return step


def undoable(agent: Agent) -> Handoff | None:
    """What the agent let go of last and can still take back."""
    rows = Handoff.objects.filter(agent=agent, state__in=[State.PASSING, State.RESOLVED])
    return rows.select_related("moving_to", "conversation__answered_by", "conversation__customer").order_by("-due_at").first()
