"""What supervisors and readyz should know about the sources of records."""

from datetime import timedelta

from django.utils import timezone

from handoffs import clock
from handoffs.models import CustomerRecord, RecordSource

FAILING_AT = 5  # look-ups in a row
LATE = timedelta(minutes=1)


def problems() -> tuple[str, ...]:
    """A sentence for each source that fails again and again, and one when look-ups are not done at all."""
    failing = RecordSource.objects.filter(enabled=True, failures__gte=FAILING_AT, failing_since__isnull=False)
    sentences = [
        f"Records from {source.name} do not load: {source.failures} look-ups in a row failed since {timezone.localtime(source.failing_since):%d %b, %H:%M}."
        for source in failing
    ]
    if CustomerRecord.objects.filter(due_at__lt=clock.now() - LATE, source__enabled=True).exists():
        sentences.append("Look-ups of customers' records wait for more than a minute; is the worker for outside calls running?")
    return tuple(sentences)
