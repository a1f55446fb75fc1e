"""The assistant in the waiting room: the one exception to "a team's queue owns the conversation", and what may be done under it.

While a conversation waits with a team its assistant may ask whether there is anything to add, answer in passing, and offer a solution. It changes no
owner: only the customer's own yes to an offer takes them out of line. It speaks as itself, never of what people keep for themselves, never in place
of a draft an agent checks, and only while the policy lets it (`attends_waiting`). What the customer adds goes into the brief.
"""

from dataclasses import replace

from django.db import transaction

from handoffs import (
    briefing,
    briefs,
    clock,
    copilot,
    corrections,
    decisions,
    detection,
    history,
    plugins,
    proposals,
    receiving,
    snoozing,
    transitions,
    waiting_room,
)
from handoffs.attended import added_facts, asks_how_long, passed_on, pretends
from handoffs.decisions import Decision
from handoffs.models import Conversation, Handoff, PolicyVersion, Step, Turn
from handoffs.signals import Change, announce
from handoffs.snapshots import Action, Author, Fact, Judgement, Meanwhile, Proposal, Question, Transcript
from handoffs.states import Owner, State
from handoffs.transitions import Stale

DECLINED = "declined_solution"


def heard(conversation: Conversation, turn: Turn) -> None:
    """The customer has written to people: tell them; what they add while they wait goes into the brief."""
    handoff = waiting_room.open_handoff(conversation)
    if handoff is None:
        announce(Change(conversation.pk))
        return
    if not take_up(handoff):
        # The queue shows how the customer feels now, not when the handoff began.
        felt = corrections.feeling_of(handoff, handoff.what_to_know)
        Handoff.objects.filter(pk=handoff.pk).update(mood=felt.mood, trend=felt.trend)
        transitions.touch(handoff)
    if handoff.state == State.WAITING:
        _while_waiting(handoff, turn)
    copilot.ask(handoff)


def take_up(handoff: Handoff) -> bool:
    """The customer has written: what its agent put aside or has just let go of is theirs again; whether they had let go of it."""
    if handoff.state == State.RESOLVED:
        receiving.reopen(handoff, verb="reopened", by="customer")
        return True
    snoozing.heard(handoff)
    return False


def attend(conversation: Conversation) -> Turn | None:
    """Let the built-in assistant do what is due for a customer who waits: answer what they wrote, or ask once whether there is anything to add.

    Raises Stale when it may not say it, or more was said meanwhile.
    """
    handoff = waiting_room.open_handoff(conversation)
    if handoff is None or handoff.state != State.WAITING:
        return None
    said = _since(handoff, history.transcript(conversation))
    if not said.said:
        text = waiting_room.words("anything_to_add", conversation, assistant=conversation.answered_by.name, tone=handoff.team.tone)
        return _aside(conversation, Proposal(text, confidence=1.0, intent="anything_to_add"), Turn.Kind.MEANWHILE, f"add-{handoff.pk.hex}")
    plugin = plugins.load("handoffs.assistants")[conversation.answered_by.plugin]
    found: Meanwhile = plugin.meanwhile(said) if hasattr(plugin, "meanwhile") else Meanwhile()
    if found.kind == "nothing" or asks_how_long(said.said[-1].text):
        return None
    kind = Turn.Kind.SOLUTION if found.kind == "solution" else Turn.Kind.MEANWHILE
    return _aside(conversation, found.proposal, kind, f"meanwhile-{conversation.last_number}")


def speak(conversation: Conversation, proposal: Proposal, kind: str, *, client_id: str, seen: int | None, number: int | None = None) -> Turn:
    """The assistant says something to a customer who waits. Nobody's owner or epoch changes.

    Raises Stale when it does not wait with a team at that epoch, somebody has said something since `number`, the policy does not let it, or it may not
    say this: what people keep for themselves, what it cannot vouch for, and that it were a person.
    """
    with transaction.atomic():
        transitions.lock(conversation.pk)
        now = Conversation.objects.select_related("customer", "answered_by", "team").get(pk=conversation.pk)
        handoff = waiting_room.open_handoff(now)
        if handoff is None or handoff.state != State.WAITING or seen not in (None, now.epoch) or number not in (None, now.last_number):
            raise Stale(now)
        if why := _hindered(now, handoff, proposal, kind):
            raise Stale(now, why)
        turn = transitions.say(now.pk, Author.ASSISTANT, proposal.text, kind=kind, client_id=client_id, intent=proposal.intent,
                               confidence=proposal.confidence, sources=proposal.named_sources)
        proposals.remember(now, proposal, Judgement(Action.ANSWER), client_id, turn, None)
        if proposal.facts:
            take_in(handoff)
        waiting_room.post(turn)
        transitions.touch(handoff)
    return turn


def propose(conversation: Conversation, proposal: Proposal, kind: str, *, client_id: str, seen: int | None) -> Decision:
    """What an outside assistant says to a customer who waits; a repeat of `client_id` returns the first decision. Raises Stale."""
    if before := decisions.on_proposal(conversation, client_id):
        return before
    turn = speak(conversation, proposal, kind, client_id=client_id, seen=seen)
    return decisions.of(conversation, Action.ANSWER, turn, Judgement(Action.ANSWER), None)


def solve(conversation: Conversation, number: int) -> Step:
    """The customer's yes to the assistant's offer of that number: solved, and out of line. Raises Stale when there is no such offer any more."""
    handoff = waiting_room.open_handoff(conversation)
    offer = solution(handoff) if handoff else None
    if handoff is None or offer is None or offer.number != number:
        raise Stale(conversation, "this offer does not stand any more")
    return waiting_room.leave_line(handoff, State.HANDED_BACK, waiting_room.SOLVED, Turn.Kind.HANDED_BACK)


def keep_waiting(conversation: Conversation, number: int) -> None:
    """The customer's no: the offer is gone, and they wait as before."""
    handoff = waiting_room.open_handoff(conversation)
    if handoff and (offer := solution(handoff)) and offer.number == number:
        transitions.note(handoff, DECLINED, by="customer", detail={"turn": number})


def solution(handoff: Handoff) -> Turn | None:
    """What the assistant offers a waiting customer as the solution, until they say no to it."""
    if handoff.state != State.WAITING or not handoff.added:
        return None
    offers = Turn.objects.filter(conversation=handoff.conversation_id, kind=Turn.Kind.SOLUTION, at__gte=handoff.created_at)
    newest = offers.order_by("-number").first()
    declined = newest and handoff.steps.filter(verb=DECLINED, detail__turn=newest.number).exists()
    return None if declined else newest


def take_in(handoff: Handoff) -> None:
    """Put what was added while it waits into the brief, beside what a person has put right."""
    conversation, began = handoff.conversation, began_at(handoff)
    lines = history.whole(conversation, history.transcript(conversation)).lines
    found = briefing.part("added facts", lambda: added_facts(lines, history.facts(conversation), began), tuple[Fact, ...]())
    if found:
        briefs.revise(handoff.pk, lambda brief: passed_on(brief, found))


def began_at(handoff: Handoff) -> int:
    """The number of the turn with which it began to wait: what the customer says after it was added."""
    told = Turn.objects.filter(conversation=handoff.conversation_id, kind=Turn.Kind.HANDED_OFF, at__gte=handoff.created_at).order_by("number")
    return told.values_list("number", flat=True).first() or 0


def _while_waiting(handoff: Handoff, turn: Turn) -> None:
    Handoff.objects.filter(pk=handoff.pk).update(added=handoff.added + 1)
    take_in(handoff)
    if asks_how_long(turn.text):
        waiting_room.check_in(handoff, asked=True)
    elif _may_speak(handoff.conversation) and handoff.conversation.answered_by.plugin:
        Conversation.objects.filter(pk=handoff.conversation_id, owner=Owner.TEAM).update(reply_due_at=clock.now())


def _may_speak(conversation: Conversation) -> bool:
    return PolicyVersion.in_force().attends_waiting and not conversation.answered_by.copilot


def _hindered(conversation: Conversation, handoff: Handoff, proposal: Proposal, kind: str) -> str:
    """Why the assistant may not say this to somebody who waits; empty when it may."""
    if not _may_speak(conversation):
        return "the assistant has no say while people have the conversation"
    if pretends(proposal.text, [agent.public_name for agent in handoff.team.agents.all()]):
        return "the assistant speaks as itself, not as a person"
    if kind != Turn.Kind.SOLUTION:
        return ""
    if not handoff.added:
        return "a solution answers what the customer wrote while they waited"
    kept = any(detection.question_of(each.get("trigger", "")) == Question.SHOULD for each in handoff.detections)
    judged = detection.detect(replace(history.transcript(conversation), proposal=proposal), PolicyVersion.in_force())
    return "a person is to answer this" if kept or judged.action is not Action.ANSWER else ""


def _aside(conversation: Conversation, proposal: Proposal, kind: str, client_id: str) -> Turn:
    return speak(conversation, proposal, kind, client_id=client_id, seen=conversation.epoch, number=conversation.last_number)


def _since(handoff: Handoff, transcript: Transcript) -> Transcript:
    began = began_at(handoff)
    return replace(transcript, lines=tuple(line for line in transcript.lines if line.number > began))
