"""Short messages: whoever writes to our number has one open conversation by that medium, or begins one."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from handoffs.arrivals import enclosed, rows
from handoffs.conversations import find_or_begin, front_desk
from handoffs.models import Conversation, Customer, InboundMail, Letter
from handoffs.states import Owner
from handoffs.waiting_room.telling import reach_again


class NoCustomer(Exception):
    """The sender is no number anybody could be answered at."""


def take(medium: str, sender: str, text: str, message_id: str, media: Sequence[str] = ()) -> InboundMail:
    """A message from `sender`, as +447700900123, that the provider vouches for; the same id again does nothing. What came along stands at `media`.

    Raises NoCustomer.
    """
    if not sender.startswith("+") or not sender[1:].isdigit() or len(sender) > 16:
        raise NoCustomer(sender[:20])
    key = rows.key_of(medium, sender, message_id)
    if before := rows.known(key):
        return before
    conversation = _conversation(medium, sender, key)
    about = {"medium": medium, "sender": sender, "message_id": message_id[:300], **enclosed.wanted(media)}
    reach_again(conversation)
    if not text.strip():
        return _without_words(conversation, key, about)
    return rows.say(conversation, text.strip(), [], key, **about)


def _without_words(conversation: Conversation, key: str, about: dict[str, Any]) -> InboundMail:
    row = rows.keep(key, conversation=conversation, result=InboundMail.Result.NOTHING, **about)
    rows.untold(row)
    return row


def _conversation(medium: str, phone: str, key: str) -> Conversation:
    assistant = front_desk()
    # That an assistant says this is its customer's number is not enough: something must have gone to it, or come from it.
    written = Exists(Letter.objects.filter(turn__conversation=OuterRef("pk"), medium=medium, to=phone))
    heard = Exists(InboundMail.objects.filter(conversation=OuterRef("pk"), medium=medium, sender=phone))
    rows_of = Conversation.objects.select_related("customer", "assistant", "answered_by").filter(medium=medium, customer__phone=phone)
    with transaction.atomic():
        # Two first messages at once wait for each other here.
        Customer.objects.get_or_create(assistant=assistant, external_id=phone, defaults={"phone": phone})
        person = Customer.objects.select_for_update().get(assistant=assistant, external_id=phone)
        found = rows_of.filter(Q(customer=person) | written | heard).exclude(owner=Owner.NOBODY).order_by("-last_turn_at").first()
        if found:
            return found
        return find_or_begin(assistant, f"{medium}-{key[:32]}", customer={"external_id": phone, "phone": phone}, answered_by=assistant, medium=medium)[0]
