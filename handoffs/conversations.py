"""Conversations begin: on our own page with the built-in assistant, or where an outside assistant talks to its customer."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction

from handoffs import clock, hours, plugins, transitions, waiting_room
from handoffs.models import Assistant, Conversation, Customer, PolicyVersion
from handoffs.signals import Change, announce
from handoffs.snapshots import Author
from handoffs.states import Owner

FRONT_DESK = "front_desk"


class Unfit(Exception):
    """A conversation cannot begin like this: which field is wrong, and why."""

    def __init__(self, field: str, reason: str) -> None:
        self.field, self.reason = field, reason
        super().__init__(f"{field}: {reason}")


def front_desk() -> Assistant:
    """The built-in assistant of our own page; its row is made when it is first needed."""
    plugin = plugins.load("handoffs.assistants")[FRONT_DESK]
    return Assistant.objects.get_or_create(code=FRONT_DESK, defaults={"name": plugin.name, "plugin": FRONT_DESK})[0]


def begin(name: str = "", email: str = "", language: str = "", team: str = "") -> Conversation:
    """A new conversation on our own page, greeted by the built-in assistant in the browser's language; `team` is where it goes when none fits better."""
    assistant = front_desk()
    with transaction.atomic():
        customer = Customer.objects.create(assistant=assistant, external_id=uuid4().hex, name=name, email=email)
        conversation = Conversation.objects.create(assistant=assistant, answered_by=assistant, external_id=uuid4().hex, customer=customer,
                                                   reply_by_email=email, browser_language=language, wished_team=team)
        greeting = waiting_room.words("greeting", conversation, customer=name.split()[0] if name.strip() else "", assistant=assistant.name)
        transitions.say(conversation.pk, Author.ASSISTANT, greeting, client_id="greeting")
    conversation.refresh_from_db()
    return conversation


def find_or_begin(assistant: Assistant, external_id: str, *, customer: dict[str, Any], answered_by: Assistant, medium: str = "web",
                  language: str = "") -> tuple[Conversation, bool]:
    """The conversation an outside assistant means by this id, and whether it is new. What it knows of the customer is kept either way.

    Raises Unfit, and then nothing is kept.
    """
    mediums = plugins.load("handoffs.mediums")
    if medium not in mediums:
        raise Unfit("medium", f"must be one of {', '.join(sorted(mediums))}")
    if not mediums[medium].is_on():
        raise Unfit("medium", f"{medium} is not set up here")
    with transaction.atomic():
        person = _customer(assistant, **customer)
        columns = {"customer": person, "answered_by": answered_by, "medium": medium, "language": language}
        if mediums[medium].needs == "email":
            columns["reply_by_email"] = person.email
        conversation, made = Conversation.objects.get_or_create(assistant=assistant, external_id=external_id, defaults=columns)
        if conversation.customer_id != person.pk:
            raise Unfit("customer.external_id", "this conversation is with another customer")
        if made and (needed := mediums[medium].needs) and not getattr(person, needed):
            raise Unfit(f"customer.{needed}", f"needed where words go by {medium}")
        announce(Change(conversation.pk))
    return conversation, made


def speak(conversation: Conversation, language: str) -> None:
    """The customer chose one of our languages: their page and our words to them are in it from now on."""
    conversation.chosen_language = language
    Conversation.objects.filter(pk=conversation.pk).update(chosen_language=language)
    announce(Change(conversation.pk))


def is_over(conversation: Conversation) -> bool:
    """Whether it was closed so long ago that its address shows nothing any more."""
    return bool(conversation.closed_at and conversation.owner == Owner.NOBODY and conversation.closed_at < over_before())


def over_before() -> datetime:
    return clock.now() - timedelta(seconds=PolicyVersion.in_force().address_good_for)


def see(conversation: Conversation, number: int, zone: str = "") -> None:
    """Note that the customer's page has shown the turns up to `number`, and by which clock they live, and tell whoever watches."""
    if zone != conversation.time_zone and hours.named(zone):
        Conversation.objects.filter(pk=conversation.pk).update(time_zone=zone)
    unseen = Conversation.objects.filter(pk=conversation.pk, customer_seen__lt=number, last_number__gte=number)
    if unseen.update(customer_seen=number):
        announce(Change(conversation.pk))


def _customer(assistant: Assistant, external_id: str, **known: Any) -> Customer:
    customer, made = Customer.objects.get_or_create(assistant=assistant, external_id=external_id, defaults=known)
    if known and not made:
        Customer.objects.filter(pk=customer.pk).update(**known)
        customer.refresh_from_db()
    return customer
