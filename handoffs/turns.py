"""Somebody says something: judge it, store it, and answer, clarify or begin the pipeline.

Judging is pure and runs on a snapshot first; the transaction writes, guarded by what the snapshot saw, and judges again
under the conversation's lock when that was stale.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from handoffs import (
    attending,
    clock,
    copilot,
    decisions,
    detection,
    feeling,
    history,
    pipeline,
    plugins,
    proposals,
    repeats,
    shelf,
    transitions,
    verdicts,
    waiting_room,
)
from handoffs.decisions import Decision
from handoffs.learned import languages
from handoffs.models import Conversation, Handoff, PolicyVersion, Turn
from handoffs.policy import Policy
from handoffs.signals import Change, announce
from handoffs.snapshots import LONGEST_TEXT, Action, Author, Detection, Judgement, Line, Proposal, Transcript
from handoffs.states import Owner
from handoffs.transitions import Forbidden, Stale

logger = logging.getLogger(__name__)

# For which words may still follow what came without any.
WORDS_FOLLOW = timedelta(seconds=5)


def take(conversation: Conversation, text: str, *, client_id: str = "", at: datetime | None = None, intent: str = "") -> Decision:
    """The customer says something. A repeat of `client_id` returns the first decision. Raises Forbidden when closed."""
    if said := decisions.on_words(conversation, client_id):
        return said
    heard = shelf.voiced(Line(Author.CUSTOMER, text, number=conversation.last_number + 1, intent=intent, language=languages.detect(text)))
    newest, judged = _judge_words(conversation, heard)
    with transaction.atomic():
        locked = history.locked(conversation.pk)
        if said := decisions.on_words(conversation, client_id):
            return said
        if locked.owner == Owner.NOBODY:
            raise Forbidden("this conversation is closed")
        if (locked.last_number, locked.epoch) != (conversation.last_number, conversation.epoch):
            newest, judged = _judge_words(locked, replace(newest, number=locked.last_number + 1))
        turn = transitions.say(locked.pk, Author.CUSTOMER, text, client_id=client_id, at=at or clock.now(), mood=newest.mood, tension=newest.tension,
                               intent=newest.intent, intent_confidence=newest.intent_confidence, language=newest.language)
        _follow_language(locked, newest)
        return _follow(locked, newest, judged, turn)


def receive(conversation: Conversation, turn: Turn) -> None:
    """The customer has sent something without words: whoever has the conversation is to answer it. Call inside its transaction."""
    if conversation.owner == Owner.ASSISTANT:
        _owe_answer(conversation, PolicyVersion.in_force(), reply_due_at=Coalesce("reply_due_at", clock.now() + WORDS_FOLLOW))
    else:
        attending.heard(conversation, turn)


def ask_for_person(conversation: Conversation) -> Handoff | None:
    """The customer pressed "Talk to a person": hand over at once. None when a person already has them or they are in line."""
    if conversation.owner == Owner.NOBODY:
        raise Forbidden("this conversation is closed")
    pressed = Detection("explicit_request", "Asked for a person", {"button": True})
    return begin(conversation, pressed)


def begin(conversation: Conversation, found: Detection, *, own: int | None = None, seen: int | None = None, note: str = "", intent: str = "",
          urgency: str = "") -> Handoff | None:
    """Hand over on somebody's word rather than a trigger's: the customer's button, or the assistant's own decision.

    `own`: only what this assistant (id) began; raises Conversation.DoesNotExist for anything else.
    """
    with transaction.atomic():
        locked, transcript, found_out = history.held(conversation.pk, own, beside=pipeline.asked(conversation.pk))
        if locked.owner != Owner.ASSISTANT:
            return None
        return pipeline.hand_off(locked, transcript, (found,), seen=seen, note=note, intent=intent, urgency=urgency, found=found_out)


def propose(conversation: Conversation, proposal: Proposal, *, client_id: str, seen: int | None = None, heard: int | None = None,
            number: int | None = None, at: datetime | None = None) -> Decision:
    """The assistant would like to say something: deliver it, hold it for a clarifying question, or hand over.

    While people have the conversation, what a copilot proposes is a draft for them. What the customer said after turn `heard` stays owed an answer.
    A repeat of `client_id` returns the first decision. Raises Stale when the assistant no longer owns the conversation,
    `seen` is not its epoch or `number` not the last turn said; then nothing is stored.
    """
    if judged_before := decisions.on_proposal(conversation, client_id):
        return judged_before
    policy = PolicyVersion.in_force()
    if policy.calibrated:
        proposal = verdicts.as_judged(conversation.answered_by, proposal)
    judged = detection.detect(replace(history.transcript(conversation), proposal=proposal), policy)
    with transaction.atomic():
        locked = history.locked(conversation.pk)
        if judged_before := decisions.on_proposal(conversation, client_id):
            return judged_before
        helped = copilot.helps(locked)
        if (locked.owner != Owner.ASSISTANT and not helped) or seen not in (None, locked.epoch) or number not in (None, locked.last_number):
            raise Stale(locked)
        if helped:
            return _draft(locked, helped, proposal, client_id)
        transcript = replace(history.transcript(locked), proposal=proposal)
        if locked.last_number != conversation.last_number or locked.epoch != conversation.epoch:
            judged = detection.detect(transcript, policy)
        return _settle(locked, transcript, judged, client_id, at or clock.now(), heard)


def silence(conversation: Conversation) -> Handoff | None:
    """The assistant owed an answer for too long: hand over, unless it has spoken meanwhile."""
    due = conversation.silence_due_at
    with transaction.atomic():
        locked = history.locked(conversation.pk)
        if locked.owner != Owner.ASSISTANT or locked.silence_due_at != due:
            return None
        silent_for = (clock.now() - locked.last_turn_at).total_seconds()
        transcript = replace(history.transcript(locked), silent_for=max(silent_for, PolicyVersion.in_force().silent_after))
        judged = detection.detect(transcript, PolicyVersion.in_force())
        found = judged.detections or (Detection("assistant_failed", "No answer"),)
        return pipeline.hand_off(locked, transcript, found)


def answer(conversation: Conversation) -> Decision | None:
    """Let the built-in assistant answer what is due; whoever clears the due time does it. Its errors are failures."""
    due = Conversation.objects.filter(copilot.PROPOSES, pk=conversation.pk, reply_due_at=conversation.reply_due_at, reply_due_at__isnull=False)
    if not due.update(reply_due_at=None):
        return None
    conversation.refresh_from_db()
    transcript, number = history.transcript(conversation), conversation.last_number
    try:
        if conversation.owner == Owner.TEAM and not conversation.answered_by.copilot:
            attending.attend(conversation)
            return None
        if _is_wordless(conversation, transcript):
            return _ask_for_words(conversation, number)
        assistant = plugins.load("handoffs.assistants")[conversation.answered_by.plugin]
        decision = propose(conversation, assistant.reply(transcript), client_id=f"reply-{number}", seen=conversation.epoch, number=number)
        if decision.action is Action.CLARIFY:
            decision = propose(conversation, assistant.clarify(transcript), client_id=f"clarify-{number}", seen=conversation.epoch, number=number)
        return decision
    except Stale as stale:
        # Somebody else has it now, or more was said meanwhile: then all of it is due, and answered together.
        logger.info("the assistant stays silent in %s: %s", conversation.pk, stale)
        _fall_due_again(conversation, number)
        return None
    except Exception as error:
        logger.exception("the built-in assistant failed in %s", conversation.pk)
        return propose(conversation, Proposal(failed=f"{type(error).__name__}: {error}"[:200]), client_id=f"failed-{number}", seen=conversation.epoch)


def _fall_due_again(conversation: Conversation, number: int) -> None:
    """What was said since `number` may make nothing due by itself, as the customer's words do: a notice, a file. An agent's words leave nothing to draft."""
    words = Q(author=Author.CUSTOMER) & ~Q(kind=Turn.Kind.FILE) | Q(author=Author.AGENT)
    by_itself = Turn.objects.filter(words, conversation=OuterRef("pk"), number__gt=number)
    owed = copilot.PROPOSES & (~Q(owner=Owner.ASSISTANT) | Q(silence_due_at__isnull=False))
    Conversation.objects.filter(~Exists(by_itself), owed, pk=conversation.pk, epoch=conversation.epoch, last_number__gt=number).update(reply_due_at=clock.now())


def _is_wordless(conversation: Conversation, transcript: Transcript) -> bool:
    """Whether all that is to be answered came without words."""
    if transcript.lines and transcript.lines[-1].author is Author.CUSTOMER:
        return False
    newest = conversation.turns.filter(author=Author.CUSTOMER).order_by("-number").first()
    return newest is not None and newest.kind == Turn.Kind.FILE


def _ask_for_words(conversation: Conversation, number: int) -> Decision | None:
    """Ask the customer what it is about; when that was just asked, or a person checks what is said, it goes to people, who then need no draft."""
    if conversation.answered_by.copilot:
        begin(conversation, Detection("copilot", "Sent something without words", {"assistant": conversation.answered_by.code}), seen=conversation.epoch)
        return None
    asked = Proposal(waiting_room.words("words_wanted", conversation), clarifying=True)
    return propose(conversation, asked, client_id=f"words-{number}", seen=conversation.epoch, number=number)


def catch_up(conversation: Conversation) -> Decision | None:
    """Judge together what came too fast to be judged one by one, and answer it; whoever clears the due time does."""
    due = Conversation.objects.filter(pk=conversation.pk, held_due_at=conversation.held_due_at, held_from__isnull=False)
    with transaction.atomic():
        locked = history.locked(conversation.pk)
        if not due.update(held_from=None, held_due_at=None):
            return None
        held = list(locked.turns.filter(number__gte=conversation.held_from, author=Author.CUSTOMER).exclude(kind=Turn.Kind.FILE))
        # The newest words say what is wanted now.
        text = "\n".join(turn.text for turn in held)[-LONGEST_TEXT:]
        heard = shelf.voiced(Line(Author.CUSTOMER, text, number=held[-1].number, language=languages.detect(text)))
        newest, judged = _judge_words(locked, heard, before=conversation.held_from)
        _follow_language(locked, newest)
        return _follow(locked, newest, judged, held[-1])


def _judge_words(conversation: Conversation, newest: Line, *, before: int | None = None) -> tuple[Line, Judgement]:
    """How the customer's words feel, and what they lead to while the assistant has the conversation; nothing when a person has it."""
    told = history.transcript(conversation)
    told = told if before is None else replace(told, lines=tuple(line for line in told.lines if line.number < before))
    mood, tension = feeling.judge(newest.text, told.lines)
    newest = replace(newest, mood=mood, tension=tension)
    if conversation.owner != Owner.ASSISTANT:
        return newest, Judgement(Action.NONE)
    return newest, detection.detect(replace(told, lines=(*told.lines, newest)), PolicyVersion.in_force())


def _follow_language(conversation: Conversation, newest: Line) -> None:
    """The conversation's language is the customer's newest known one; what its assistant said it is stands unless they were seen to agree before."""
    if newest.language in ("", conversation.language):
        return
    heard = conversation.turns.filter(author=Author.CUSTOMER, number__lt=newest.number).exclude(language="").order_by("-number")
    if conversation.language in ("", heard.values_list("language", flat=True).first()):
        conversation.language = newest.language
        Conversation.objects.filter(pk=conversation.pk).update(language=newest.language)


def _follow(conversation: Conversation, newest: Line, judged: Judgement, turn: Turn) -> Decision:
    if conversation.owner == Owner.ASSISTANT and judged.action is Action.HAND_OFF:
        transcript = history.transcript(conversation)
        told = newest.intent if newest.intent_confidence is None else ""
        handoff = pipeline.hand_off(conversation, transcript, judged.detections, intent=told)
        proposals.want_draft(handoff, turn)
        copilot.ask(handoff)
        return decisions.of(conversation, Action.HAND_OFF, turn, judged, handoff)
    if conversation.owner == Owner.ASSISTANT:
        _owe_answer(conversation, PolicyVersion.in_force())
        announce(Change(conversation.pk))
        return decisions.of(conversation, Action.ANSWER, turn, judged, None)
    repeats.prove(conversation, turn)
    attending.heard(conversation, turn)
    return decisions.of(conversation, Action.NONE, turn, Judgement(Action.NONE), None)


def _draft(conversation: Conversation, handoff: Handoff, proposal: Proposal, client_id: str) -> Decision:
    """People have the conversation: what the copilot would say is kept for them, and what it failed at is noted."""
    judged = Judgement(Action.DRAFT if proposal.text else Action.NONE)
    proposals.remember(conversation, proposal, judged, client_id, None, handoff)
    transitions.touch(handoff)
    return decisions.of(conversation, judged.action, None, judged, handoff)


def _owe_answer(conversation: Conversation, policy: Policy, *, reply_due_at: Any = None) -> None:
    now = clock.now()
    changes: dict[str, Any] = {"silence_due_at": F("silence_due_at")}
    if conversation.silence_due_at is None:
        changes["silence_due_at"] = now + timedelta(seconds=policy.silent_after)
    if conversation.answered_by.plugin:
        changes["reply_due_at"] = reply_due_at or now
    Conversation.objects.filter(pk=conversation.pk).update(**changes)


def _settle(conversation: Conversation, transcript: Transcript, judged: Judgement, client_id: str, at: datetime,
            heard: int | None) -> Decision:
    proposal = transcript.proposal or Proposal()
    turn = handoff = None
    if judged.action is Action.HAND_OFF:
        handoff = pipeline.hand_off(conversation, transcript, judged.detections, intent=proposal.intent)
    elif judged.action is Action.ANSWER:
        turn = _deliver(conversation, proposal, client_id, at, heard)
    proposals.remember(conversation, proposal, judged, client_id, turn, handoff)
    return decisions.of(conversation, judged.action, turn, judged, handoff)


def _deliver(conversation: Conversation, proposal: Proposal, client_id: str, at: datetime, heard: int | None) -> Turn:
    turn = transitions.say(conversation.pk, Author.ASSISTANT, proposal.text, client_id=client_id, at=at, intent=proposal.intent,
                           confidence=proposal.confidence, sources=proposal.named_sources, clarifying=proposal.clarifying)
    unheard = _unheard(conversation, heard)
    owed = {"silence_due_at": _still_owed(conversation, unheard)} if unheard else {"silence_due_at": None, "reply_due_at": None}
    Conversation.objects.filter(pk=conversation.pk).update(**owed)
    waiting_room.post(turn)
    return turn


def _unheard(conversation: Conversation, heard: int | None) -> Turn | None:
    """The first words its assistant is owed to answer and had not heard; None when nothing is owed, or it does not say."""
    if heard is None or heard >= conversation.last_number or conversation.silence_due_at is None:
        return None
    since = max(heard, conversation.assistant_since)
    return conversation.turns.filter(author=Author.CUSTOMER, number__gt=since).order_by("number").first()


def _still_owed(conversation: Conversation, turn: Turn) -> datetime:
    """When owing an answer to that turn becomes a failure; of one dated earlier than it came, no sooner than what was owed before it."""
    due = turn.at + timedelta(seconds=PolicyVersion.in_force().silent_after)
    return max(due, conversation.silence_due_at or due)
