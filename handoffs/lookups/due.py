"""Which look-ups are due: rows made at a handoff, or made due again by a person."""

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import IntegerField, QuerySet, Subquery, UUIDField
from pydantic import ValidationError

from handoffs import clock, plugins, transitions
from handoffs.lookups.known import filled
from handoffs.models import Conversation, Customer, CustomerRecord, Handoff, RecordSource
from handoffs.prepared import Asked, Given, Prepared
from handoffs.records import Failed
from handoffs.snapshots import Record
from handoffs.states import OPEN

logger = logging.getLogger(__name__)
_in_use = Prepared(lambda: RecordSource.objects.filter(enabled=True))
_said = Prepared(lambda: _said_of(Given("customer", IntegerField())))
_said_here = Prepared(lambda: _said_of(Subquery(Conversation.objects.filter(pk=Given("conversation", UUIDField())).values("customer"))))


def asked(conversation: UUID) -> tuple[Asked[CustomerRecord], Asked[RecordSource]]:
    """What the sources in use say of a conversation's customer, and these sources: for `so_far` and `want`."""
    return _said_here.asked(conversation=conversation), _in_use.asked()


def want(customer: Customer, sources: list[RecordSource]) -> None:
    """Make the customer's look-ups due, save those a source has answered lately. Only rows, three queries whatever there is, and it stops no handoff."""
    try:
        if sources:
            with transaction.atomic():
                _want(customer, sources, clock.now())
    except Exception:
        logger.exception("the records of customer %s are not looked up", customer.pk)


def again(customer: Customer, code: str) -> bool:
    """Ask the source called `code` once more, unless that is under way. False when there is nothing to do."""
    source = RecordSource.objects.filter(code=code, enabled=True).first()
    if source is None:
        return False
    row, made = CustomerRecord.objects.get_or_create(customer=customer, source=source)
    rested = CustomerRecord.objects.filter(pk=row.pk, due_at__isnull=True)
    if not made and not rested.update(due_at=clock.now(), tries=0):
        return False
    for handoff in open_handoffs(customer.pk):
        transitions.touch(handoff)
    return True


def of(customer: Customer) -> list[CustomerRecord]:
    """What the sources in use say of the customer, in the order in which they were made: the order in which they are believed."""
    return _said.all(customer=customer.pk)


def so_far(record: Record, customer: Customer, said: list[CustomerRecord]) -> Record:
    """The record of a brief with what the sources have said before; on any error as it was, since a handoff waits for it."""
    try:
        return filled(record, customer, said)
    except Exception:
        logger.exception("what is known of customer %s is left out of a brief", customer.pk)
        return record


def plugin_of(source: RecordSource) -> tuple[Any, Any]:
    """The source's plug-in and its settings. Raises Failed."""
    plugin = plugins.load("handoffs.records").get(source.plugin)
    if plugin is None:
        raise Failed("is of a kind that is not installed")
    try:
        return plugin, plugin.Settings.model_validate(source.settings)
    except ValidationError:
        raise Failed("has settings that cannot be read") from None


def open_handoffs(customer_id: int) -> list[Handoff]:
    return list(Handoff.objects.filter(conversation__customer=customer_id, state__in=OPEN).select_related("team").order_by("pk"))


def _said_of(customer: Given | Subquery) -> QuerySet[CustomerRecord]:
    return CustomerRecord.objects.filter(customer=customer, source__enabled=True).select_related("source").order_by("source")


def _want(customer: Customer, sources: list[RecordSource], now: datetime) -> None:
    kept = {row.source_id: row for row in CustomerRecord.objects.filter(customer=customer, source__in=sources)}
    new = [CustomerRecord(customer=customer, source=source, due_at=now) for source in sources if source.pk not in kept]
    stale = [kept[source.pk].pk for source in sources if source.pk in kept and not _is_fresh(kept[source.pk], source, now)]
    CustomerRecord.objects.bulk_create(new, ignore_conflicts=True)
    CustomerRecord.objects.filter(pk__in=stale, due_at__isnull=True).update(due_at=now, tries=0)


def _is_fresh(row: CustomerRecord, source: RecordSource, now: datetime) -> bool:
    try:
        fresh_for = timedelta(seconds=plugin_of(source)[1].fresh_for)
    except Failed:
        return False
    return bool(row.loaded_at and not row.error and now - row.loaded_at < fresh_for)
