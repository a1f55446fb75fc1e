"""Conversations on our own page: begin one with the built-in assistant, and what the customer has seen of one."""

from uuid import uuid4

from django.db import transaction

from handoffs import transitions, waiting
from handoffs.models import Assistant, Conversation, Customer
from handoffs.signals import Change, announce
from handoffs.snapshots import Author

FRONT_DESK = "front_desk"
FRONT_DESK_NAME = "Juniper"


def begin(name: str = "", email: str = "") -> Conversation:
    """A new conversation, greeted by the built-in assistant."""
    assistant, _ = Assistant.objects.get_or_create(code=FRONT_DESK, defaults={"name": FRONT_DESK_NAME, "plugin": FRONT_DESK})
    with transaction.atomic():
        customer = Customer.objects.create(assistant=assistant, external_id=uuid4().hex, name=name, email=email)
        conversation = Conversation.objects.create(assistant=assistant, answered_by=assistant, external_id=uuid4().hex, customer=customer,
                                                   reply_by_email=email)
        greeting = waiting.words("greeting", customer=name.split()[0] if name.strip() else "", assistant=assistant.name)
        transitions.say(conversation.pk, Author.ASSISTANT, greeting, client_id="greeting")
    conversation.refresh_from_db()
    return conversation


def see(conversation: Conversation, number: int) -> None:
    """Note that the customer's page has shown the turns up to `number`, and tell whoever watches."""
    unseen = Conversation.objects.filter(pk=conversation.pk, customer_seen__lt=number, last_number__gte=number)
    if unseen.update(customer_seen=number):
        announce(Change(conversation.pk))

