"""Begins a conversation, or finds the one this external id already names."""

from django.db import transaction

from console.api import given
from console.api.problems import invalid
from handoffs.chats import FRONT_DESK, FRONT_DESK_NAME
from handoffs.models import Assistant, Conversation, Customer
from handoffs.signals import Change, announce


def open_conversation(caller: Assistant, wanted: given.NewConversation) -> tuple[Conversation, bool]:
    """The conversation and whether it is new. What is given about the customer is kept either way."""
    with transaction.atomic():
        customer = _customer(caller, wanted.customer)
        columns = {"customer": customer, "medium": wanted.medium or "web", "language": wanted.language or ""}
        columns["answered_by"] = _who_answers(caller, wanted.assistant)
        conversation, made = Conversation.objects.get_or_create(assistant=caller, external_id=wanted.external_id, defaults=columns)
        if conversation.customer_id != customer.pk:
            raise invalid("customer.external_id", "this conversation is with another customer")
        announce(Change(conversation.pk))
    return conversation, made


def _customer(caller: Assistant, wanted: given.Customer) -> Customer:
    customer, made = Customer.objects.get_or_create(assistant=caller, external_id=wanted.external_id, defaults=wanted.known)
    if not made and wanted.known:
        Customer.objects.filter(pk=customer.pk).update(**wanted.known)
    return customer


def _who_answers(caller: Assistant, code: str | None) -> Assistant:
    if code is None or code == caller.code:
        return caller
    if code == FRONT_DESK:
        return Assistant.objects.get_or_create(code=FRONT_DESK, defaults={"name": FRONT_DESK_NAME, "plugin": FRONT_DESK})[0]
    raise invalid("assistant", f"nobody here is called {code!r}; leave it out to answer yourself")
