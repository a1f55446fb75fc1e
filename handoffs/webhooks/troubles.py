"""What supervisors and readyz should know about webhooks."""

from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from handoffs import clock
from handoffs.models import Delivery, Endpoint
from handoffs.webhooks import unheard

FAILING_AT = 5  # in a row
LATE = timedelta(minutes=1)


def problems() -> tuple[str, ...]:
    """A sentence for each endpoint that is paused for a reason or fails again and again, one for what was given up, one when nothing is sent at all,
    and one when customers on a firm's own page hear nothing."""
    sentences = [f"Nothing is sent to {each}: {each.paused_why}" for each in Endpoint.objects.filter(paused_at__isnull=False).exclude(paused_why="")]
    failing = Endpoint.objects.filter(paused_at__isnull=True, failures__gte=FAILING_AT, failing_since__isnull=False)
    sentences += [f"{each} takes no webhooks: {each.failures} tries in a row failed since {timezone.localtime(each.failing_since):%d %b, %H:%M}."
                  for each in failing]
    dead = Endpoint.objects.filter(deliveries__state=Delivery.State.DEAD).annotate(dead=Count("deliveries"))
    sentences += [f"Webhooks to {each} that were given up and can be replayed: {each.dead}." for each in dead]
    untried = Delivery.objects.filter(state=Delivery.State.DUE, tries=0, due_at__lt=clock.now() - LATE)
    if untried.filter(endpoint__paused_at__isnull=True, endpoint__failing_since__isnull=True).exists():
        sentences.append("Webhooks wait for more than a minute; is the worker for outside calls running?")
    if deaf := unheard.count():
        sentences.append(f"Customers on a page of their firm's own whom our words do not reach, since no endpoint that is not paused takes turn.said: {deaf}.")
    return tuple(sentences)
