"""Step 4: an agent claims a handoff, answers, passes it on, gives it up or resolves it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, F, IntegerField, Min, UUIDField

from handoffs import clock, copilot, offers, repeats, roster, routing, transitions, unanswered, waiting_room
from handoffs.models import Agent, Conversation, Handoff, Offer, PolicyVersion, Step, Team, Turn
from handoffs.policy import Policy
from handoffs.prepared import Given, Prepared, Update, together
from handoffs.signals import Change, announce
from handoffs.snapshots import Author
from handoffs.states import Owner, State
from handoffs.transitions import Forbidden, Full, Stale, move

_member = Prepared(lambda: Agent.teams.through.objects.filter(agent=Given("agent", IntegerField()), team=Given("team", IntegerField())).values_list("pk"))
_offered = Prepared(lambda: Handoff.objects.filter(pk=Given("handoff", UUIDField())).values_list("offered_to"))
_given = Update(lambda: Agent.objects.filter(pk=Given("agent", IntegerField())), ("id",), given_at=Given("now", DateTimeField()), missed_offers=0)
_held = Prepared(lambda: Conversation.objects.select_related("agent").filter(pk=Given("conversation", UUIDField())))


# What agents hold is looked at so often at least: whoever works over the API is here for minutes after each call.
LOOKED_AT_EVERY = timedelta(minutes=1)


class Unheard(Stale):
    """The customer has written what the agent has not read yet."""


def claim(handoff: Handoff, agent: Agent, *, seen: int | None = None) -> Step:
    """Give a waiting handoff to `agent` and tell the customer who joined.

    Raises Stale when someone was faster, Full when the agent has no room, Forbidden outside the agent's teams.
    Claiming what one already holds changes nothing.
    """
    if handoff.state == State.CLAIMED and handoff.agent_id == agent.pk:
        return handoff.steps.filter(verb="claimed").latest("id")
    if handoff.state != State.WAITING:
        raise Stale(handoff.conversation, "somebody else was faster")
    now, conversation = clock.now(), handoff.conversation
    with transaction.atomic():
        member, held, ((handoff.offered_to_id,),) = together(
            _member.asked(agent=agent.pk, team=handoff.team_id), transitions.locking(handoff.conversation_id, Owner.TEAM), _offered.asked(handoff=handoff.pk))
        if not (member or agent.is_supervisor):
            raise Forbidden("this handoff waits with another team")
        # Whoever is too late learns it here, before anything of theirs is locked or counted.
        if not held:
            raise Stale(_held.one(conversation=handoff.conversation_id), "somebody else was faster")
        _may_claim(handoff, agent)
        policy = _take_room(agent, handoff, now)
        due, _ = roster.missed_at(agent, since=now, grace=policy.agent_grace)
        step = move(handoff, State.CLAIMED, verb="claimed", by="agent", actor=agent, seen=seen, agent=agent,
                    claimed_at=now, alarmed_at=None, due_at=min(max(due, now + timedelta(seconds=5)), now + LOOKED_AT_EVERY))
        text = waiting_room.words("joined", conversation, agent=agent.public_name, team=handoff.team.public_name)
        waiting_room.tell(conversation, text, Turn.Kind.JOINED, agent=agent)
        if conversation.answered_by.copilot and copilot.waiting_draft(handoff) is None:
            # A draft that was due when the conversation changed hands is due again.
            copilot.ask(handoff)
        routing.let_through(handoff.team)
    return step


def accept(offer: Offer, agent: Agent, *, seen: int | None = None) -> Step:
    """Claim what is offered. Too late, it may still be claimed like any other, unless somebody else has it or is offered it: then Stale."""
    return claim(offer.handoff, agent, seen=seen)


def say(handoff: Handoff, agent: Agent, text: str, *, client_id: str = "", seen: int | None = None, draft: int | None = None,
        warned: Iterable[str] = (), excused: Iterable[str] = (), kind: str = Turn.Kind.MESSAGE) -> Turn:
    """The agent writes to the customer, from a copilot's `draft` if its number is given. A repeat of `client_id` returns the first turn;
    Stale once it is no longer theirs. `warned` and `excused` name what the agent was told is known already, and what they need all the same."""
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if client_id and (said := _said(handoff, agent, client_id)):
            return said
        handoff.refresh_from_db()
        if handoff.state != State.CLAIMED or handoff.agent_id != agent.pk:
            raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "this conversation is not with you any more, so your message was not sent")
        turn = transitions.say(handoff.conversation_id, Author.AGENT, text, kind=kind, seen=seen, agent=agent, client_id=client_id)
        Handoff.objects.filter(pk=handoff.pk, first_reply_at__isnull=True).update(first_reply_at=turn.at)
        if handoff.alarmed_at:
            Handoff.objects.filter(pk=handoff.pk).update(alarmed_at=None)
        waiting_room.post(turn)
        copilot.sent(handoff, agent, text, draft)
        repeats.count(handoff, turn, warned=warned, excused=excused)
        transitions.touch(handoff)
    return turn


def note(handoff: Handoff, agent: Agent, text: str, *, client_id: str = "") -> Step:
    """A note for the team; the customer never sees it. A repeat of `client_id` returns the first."""
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        noted = handoff.steps.filter(verb="noted", agent=agent, detail__client_id=client_id).first() if client_id else None
        return noted or transitions.note(handoff, "noted", by="agent", agent=agent, note=text, detail={"client_id": client_id} if client_id else None)


def release(handoff: Handoff, agent: Agent, *, seen: int | None = None, note: str = "") -> Step:
    """Give the handoff back to its queue's front."""
    _must_hold(handoff, agent)
    return _requeue(handoff, handoff.team, verb="released", by="agent", actor=agent, seen=seen, note=note, message="released")


def take_from(handoff: Handoff, supervisor: Agent, *, seen: int) -> Step:
    """A supervisor who was called for what an agent does not answer gives it back to its queue's front, for somebody else.

    Raises Forbidden for others, Stale when nobody has it any more or its agent has just answered, put it aside or settled it.
    """
    if not supervisor.is_supervisor:
        raise Forbidden("only a supervisor gives back what others hold")
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if not Handoff.objects.filter(pk=handoff.pk, state=State.CLAIMED, agent=handoff.agent_id, alarmed_at__isnull=False).exists():
            raise Stale(Conversation.objects.select_related("agent").get(pk=handoff.conversation_id), "its agent has just dealt with it")
        transitions.note(handoff, "taken_from", by="supervisor", agent=handoff.agent)
        return _requeue(handoff, handoff.team, verb="returned", by="supervisor", actor=supervisor, seen=seen, message="released")


def lose(handoff: Handoff) -> Step:
    """Return the handoff of an agent who is gone to the queue's front, and say so."""
    detail = {"lost": handoff.agent.username if handoff.agent else ""}
    return _requeue(handoff, handoff.team, verb="returned", by="baton", note="the agent's page is gone", message="returned", detail=detail)


def transfer(handoff: Handoff, agent: Agent, team: Team, *, note: str = "", seen: int | None = None) -> Step:
    """Pass the handoff on to another team with a note; by its agent, or by a supervisor or a team's agent while it waits."""
    may_move = agent.is_supervisor or (handoff.state == State.WAITING and agent.teams.filter(pk=handoff.team_id).exists())
    if not may_move:
        _must_hold(handoff, agent)
    if team.pk == handoff.team_id and handoff.state == State.WAITING:
        raise Forbidden(f"it already waits with {team.name}")
    by = "supervisor" if agent.is_supervisor and handoff.agent_id != agent.pk else "agent"
    return _requeue(handoff, team, verb="transferred", by=by, actor=agent, seen=seen, note=note, message="transferred")


def pass_on(handoff: Handoff, team: Team, *, note: str) -> Step:
    """The transfer its agent has not undone."""
    return _requeue(handoff, team, verb="transferred", by="agent", actor=handoff.agent, note=note, message="transferred")


def resolve(handoff: Handoff, agent: Agent, *, resolution: str = "", hands_back: bool = True, seen: int | None = None, heard: int | None = None) -> Step:
    """Mark as solved. For `undo_for` seconds it can be undone; then the sweep gives the conversation back.

    `heard`: the last turn the agent has read; raises Unheard when the customer has written since.
    """
    _must_hold(handoff, agent)
    now = clock.now()
    due = now + timedelta(seconds=PolicyVersion.in_force().undo_for)
    with nothing_unheard(handoff, heard):
        return move(handoff, State.RESOLVED, verb="resolved", by="agent", actor=agent, seen=seen, resolution=resolution,
                    hands_back=hands_back, resolved_at=now, due_at=due)


@contextmanager
def nothing_unheard(handoff: Handoff, heard: int | None) -> Iterator[None]:
    """One transaction that lets go of a conversation whose customer has said nothing since turn `heard`; None: it is not known what was read.

    Whatever they say once it has ended finds the conversation let go of, and takes it up again.
    """
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        said = Turn.objects.filter(conversation=handoff.conversation_id, author=Author.CUSTOMER)
        if heard is not None and said.filter(number__gt=heard).exists():
            conversation = Conversation.objects.select_related("customer").get(pk=handoff.conversation_id)
            raise Unheard(conversation, f"{conversation.customer.first_name} has just written: read it first")
        yield


def reopen(handoff: Handoff, *, verb: str, by: str, agent: Agent | None = None) -> Step:
    """Give a handoff back to the agent who has just let go of it. What they were offered for the room it left goes to others."""
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if holder := handoff.agent:
            # Holds their row as a claim does, so that what they claim at the same moment is counted after this.
            Agent.objects.filter(pk=holder.pk).update(given_at=F("given_at"))
        step = move(handoff, State.CLAIMED, verb=verb, by=by, actor=agent, resolved_at=None, moving_to=None, due_at=clock.now() + timedelta(seconds=5))
        if holder:
            transaction.on_commit(lambda: offers.keep_to_room(holder), robust=True)
    return step


def saw(handoff: Handoff, agent: Agent, number: int) -> None:
    """Note that the agent who holds it has seen the conversation up to turn `number`."""
    if handoff.state != State.CLAIMED or handoff.agent_id != agent.pk:
        return
    if handoff.snoozed_until and handoff.snoozed_until <= clock.now():
        # Back from being put aside, it was marked until now.
        Handoff.objects.filter(pk=handoff.pk, snoozed_until=handoff.snoozed_until).update(snoozed_until=None)
        announce(Change(agents=frozenset([agent.pk])))
    behind = Conversation.objects.filter(pk=handoff.conversation_id, agent_seen__lt=number, last_number__gte=number)
    if behind.update(agent_seen=number):
        announce(Change(handoff.conversation_id, handoff.pk, agents=frozenset([agent.pk])))


def check_presence(handoff: Handoff) -> Step | None:
    """Look whether the agent of a claimed handoff is still there: tell the customer when they fell silent, return it to the queue some time after,
    or look again later. What was put aside is looked at when its time has come; then the agent is told, once. An answer that is overdue calls a supervisor.
    """
    if handoff.agent is None:
        return lose(handoff)
    # Many rows may be due: they may have come back since these were read.
    handoff.agent.refresh_from_db(fields=["lease_until", "is_active"])
    since = handoff.claimed_at or handoff.created_at
    policy = PolicyVersion.in_force()
    silent_at, lost_at = roster.missed_at(handoff.agent, since=since, grace=policy.agent_grace)
    now, until, was_due = clock.now(), handoff.snoozed_until, handoff.due_at
    if lost_at <= now or not handoff.agent.is_active:
        return lose(handoff)
    owed_at, is_aside = unanswered.next_at(handoff, policy), bool(until and until > now)
    due = min(at for at in (silent_at, lost_at, until, owed_at, now + LOOKED_AT_EVERY) if at and at > now)
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        if not Handoff.objects.filter(pk=handoff.pk, state=State.CLAIMED, due_at=was_due, snoozed_until=until).update(due_at=due):
            return None
        if until and was_due and was_due <= until <= now:
            return transitions.note(handoff, "woken", by="baton")
        said = _tell_of_silence(handoff, handoff.agent) if silent_at <= now and not is_aside else None
        return said or (unanswered.work(handoff) if owed_at and owed_at <= now else None)


def _tell_of_silence(handoff: Handoff, agent: Agent) -> Step | None:
    """Once for each claim: lines that come and go are no news."""
    if handoff.steps.filter(verb="silent", at__gte=handoff.claimed_at or handoff.created_at).exists():
        return None
    waiting_room.tell(handoff.conversation, waiting_room.words("silent", handoff.conversation, agent=agent.public_name), Turn.Kind.NOTICE)
    return transitions.note(handoff, "silent", by="baton")


def _must_hold(handoff: Handoff, agent: Agent) -> None:
    if handoff.state != State.CLAIMED or handoff.agent_id != agent.pk:
        raise Stale(Conversation.objects.get(pk=handoff.conversation_id), "this conversation is not with you")


def _may_claim(handoff: Handoff, agent: Agent) -> None:
    """What is held for somebody is theirs until the offer ends; a supervisor may take it all the same."""
    if handoff.offered_to is None or handoff.offered_to_id == agent.pk or agent.is_supervisor or not offers.is_held(handoff):
        return
    raise Stale(Conversation.objects.get(pk=handoff.conversation_id), f"this is offered to {handoff.offered_to.public_name} just now")


def _take_room(agent: Agent, handoff: Handoff, now: datetime) -> Policy:
    """Make sure the agent has room; the update holds their row, so two claims at once are counted one after the other. The policy comes in the same trip."""
    _, ((load,),), found = together(_given.asked(agent=agent.pk, now=now), roster.weighing(agent), PolicyVersion.asked())
    # What is offered to them is counted already.
    kept = handoff.weight if handoff.offered_to_id == agent.pk else 0.0
    if not roster.has_room(agent, handoff.weight, load - kept):
        raise Full("you have no room for another handoff")
    return PolicyVersion.of(found)


def _said(handoff: Handoff, agent: Agent, client_id: str) -> Turn | None:
    said = Turn.objects.filter(conversation=handoff.conversation_id, author=Author.AGENT, client_id=client_id, agent=agent)
    return said.first()


def _requeue(handoff: Handoff, team: Team, *, verb: str, by: str, message: str, actor: Agent | None = None,
             seen: int | None = None, note: str = "", detail: dict[str, str] | None = None) -> Step:
    """Let the handoff wait again: at the front of its own team's queue, or by its first waiting time in another's."""
    now, policy = clock.now(), PolicyVersion.in_force()
    same_team, leaver = team.pk == handoff.team_id, handoff.agent
    rank = _front(team, now) if same_team else routing.rank_at(team, handoff.priority, handoff.created_at)
    skills = handoff.skills if same_team else routing.still_asked(handoff, team)
    with transaction.atomic():
        transitions.lock(handoff.conversation_id)
        step = move(handoff, State.WAITING, verb=verb, by=by, actor=actor, seen=seen, note=note,
                    detail={**(detail or {}), "team": team.code, "from": handoff.team.code}, agent=None, skills=skills, team=team,
                    moving_to=None, rank_at=rank, waiting_since=now, promise_due_at=now + timedelta(seconds=team.promise),
                    due_at=now + timedelta(seconds=policy.check_in_every))
        kind = Turn.Kind.MOVED if message == "transferred" else Turn.Kind.RETURNED
        waiting_room.stand_in_line(handoff, message, kind, agent=leaver.public_name if leaver else "")
    return step


def _front(team: Team, now: datetime) -> datetime:
    first = Handoff.objects.filter(team=team, state=State.WAITING).aggregate(first=Min("rank_at"))["first"]
    return min(first or now, now) - timedelta(seconds=1)
