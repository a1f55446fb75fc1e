"""Mails: what comes to a signed address becomes a turn of its conversation. Nothing else does, whoever it says it is from."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature
from django.db import InterfaceError, OperationalError

from handoffs import clock, letters, mail, mail_addresses, transitions, waiting_room
from handoffs.arrivals import rows
from handoffs.mail import Kind, Mail
from handoffs.mail_addresses import Named
from handoffs.models import Conversation, InboundMail
from handoffs.transitions import Forbidden, Stale
from handoffs.waiting_room.telling import reach_again

logger = logging.getLogger(__name__)

Result = InboundMail.Result
# More than so many mails of one conversation in so short a time are machines that answer each other.
MANY, SOON = 20, timedelta(minutes=10)
LONGEST_KEPT, LONGEST_NOTED = 20_000, 1000
NOT_TAKEN = "mail_not_taken"
# What passes by itself: the same mail is good when it is given again.
PASSING = (OperationalError, InterfaceError, OSError, Forbidden, Stale)


def take(raw: bytes, to: Iterable[str] = ()) -> InboundMail:
    """`to` are addresses the envelope names. The same mail again answers the same row and does nothing.

    Raises only what is PASSING: then it may be given again.
    """
    try:
        return _take(raw, to)
    except PASSING:
        raise
    except Exception as error:
        logger.exception("a mail could not be taken")
        return rows.keep(rows.key_of("unreadable", raw), result=Result.UNREADABLE, why=type(error).__name__[:200])


def _take(raw: bytes, to: Iterable[str]) -> InboundMail:
    read = mail.read(raw)
    named = _named([*to, *read.to])
    conversation = Conversation.objects.select_related("customer", "assistant", "answered_by").filter(pk=named.conversation).first() if named else None
    key = rows.key_of(conversation.pk if conversation else "", read.id)
    if before := rows.known(key):
        return before
    about = {"message_id": read.id, "sender": read.sender[:254], "subject": read.subject}
    if named is None or conversation is None:
        return rows.keep(key, result=Result.UNKNOWN, **about)
    return _for(conversation, named, read, key, about)


def _named(addresses: Iterable[str]) -> Named | None:
    for address in addresses:
        try:
            return mail_addresses.read(address)
        except BadSignature:
            continue
    return None


def _for(conversation: Conversation, named: Named, read: Mail, key: str, about: dict[str, str]) -> InboundMail:
    mine: dict[str, Any] = {"conversation": conversation, "known_sender": _is_known(conversation, read.sender), **about}
    kind = mail.kind_of(read, is_ours=mail_addresses.is_ours(read.id), to_bounces=named.bounces)
    if kind is Kind.BOUNCE:
        return _bounced(conversation, read, key, mine)
    if kind is Kind.AUTO_REPLY:
        return _answered_by_machine(conversation, read, key, mine)
    conversation = mine["conversation"] = rows.newest(conversation)
    if kind is Kind.LOOP:
        return rows.keep(key, result=Result.LOOP, text=read.text[:LONGEST_KEPT], **mine)
    if _many(conversation):
        return _not_taken(read, key, mine, Result.LOOP, f"more than {MANY} came within 10 minutes")
    if named.expires < clock.now():
        return _not_taken(read, key, mine, Result.EXPIRED, "it came to an address that is over")
    if not read.text and not read.files:
        return rows.keep(key, result=Result.NOTHING, text=read.uncut[:LONGEST_KEPT], **mine)
    # Who answers a letter at the address it went to has got it.
    if mine["known_sender"]:
        reach_again(conversation)
    del mine["conversation"]
    return rows.say(conversation, read.text, [(each.name, each.content) for each in read.files], key, text=read.uncut[:LONGEST_KEPT], **mine)


def _bounced(conversation: Conversation, read: Mail, key: str, mine: dict[str, object]) -> InboundMail:
    row = rows.keep(key, result=Result.BOUNCE, why="; ".join(failed.why for failed in read.failed)[:200], text=read.text[:2000], **mine)
    for failed in read.failed[:1]:
        letters.bounce(conversation, failed.why or "The mail server gave no reason.", failed.to, read.returned)
    return row


def _answered_by_machine(conversation: Conversation, read: Mail, key: str, mine: dict[str, object]) -> InboundMail:
    """Kept for whoever has the conversation; never answered, and no words of the customer."""
    row = rows.keep(key, result=Result.AUTO_REPLY, text=read.text[:LONGEST_KEPT], **mine)
    if handoff := waiting_room.open_handoff(conversation):
        transitions.note(handoff, "auto_replied", by="baton", note=_in_short(read))
    return row


def _not_taken(read: Mail, key: str, mine: dict[str, Any], result: str, why: str) -> InboundMail:
    """Kept, and noted for whoever has the conversation: they may well be the customer's words. Of a flood the first are noted."""
    row = rows.keep(key, result=result, why=why, text=read.text[:LONGEST_KEPT], **mine)
    handoff = waiting_room.open_handoff(mine["conversation"])
    if handoff and handoff.steps.filter(verb=NOT_TAKEN, at__gt=clock.now() - SOON).count() < MANY:
        transitions.note(handoff, NOT_TAKEN, by="baton", note=f"A mail was not taken as words of the customer, since {why}: {_in_short(read)}")
    return row


def _in_short(read: Mail) -> str:
    return ": ".join(filter(None, (read.subject, read.text[:LONGEST_NOTED])))


def _many(conversation: Conversation) -> bool:
    return InboundMail.objects.filter(conversation=conversation, at__gt=clock.now() - SOON).count() >= MANY


def _is_known(conversation: Conversation, sender: str) -> bool:
    return bool(sender) and sender in (conversation.reply_by_email.lower(), conversation.customer.email.lower())
