"""Keeps customers' records from files: compared first, then written at once, all or none."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from django.db import transaction

from handoffs import clock
from handoffs.management.record_files import Row
from handoffs.models import ImportedRecord, RecordSource

AT_ONCE = 1000
Item = TypeVar("Item")


class Counts(NamedTuple):
    new: int
    changed: int


@dataclass
class Changes:
    """What an import would write, by key, and which keys it would take away. Compared before anything is written: a writer waits for no reading."""

    source: RecordSource
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)

    def add(self, rows: list[Row]) -> Counts:
        """Take the rows of one file; an e-mail that several of its ids share finds nobody, and what is there already stays as it is."""
        shared = {email for email, count in Counter(row.email or row.key for row in rows).items() if count > 1}
        new = changed = 0
        for batch in _batches(rows):
            wanted = {key: row.body for row in batch for key in (row.key, row.email) if key and not (key == row.email and key in shared)}
            kept = self._kept(list(wanted))
            self.bodies |= {key: body for key, body in wanted.items() if kept.get(key) != body}
            new += sum(row.key not in kept for row in batch)
            changed += sum(row.key in kept and kept[row.key] != row.body for row in batch)
        self.gone |= shared - {row.key for row in rows}
        return Counts(new, changed)

    def write(self) -> None:
        """All or nothing."""
        now = clock.now()
        with transaction.atomic():
            self.source.save()
            for batch in _batches(list(self.bodies.items())):
                rows = [ImportedRecord(source=self.source, key=key, body=body, at=now) for key, body in batch]
                ImportedRecord.objects.bulk_create(rows, update_conflicts=True, unique_fields=["source", "key"], update_fields=["body", "at"])
            for keys in _batches(sorted(self.gone)):
                ImportedRecord.objects.filter(source=self.source, key__in=keys).delete()

    def _kept(self, keys: list[str]) -> dict[str, Any]:
        kept = dict(ImportedRecord.objects.filter(source=self.source, key__in=keys).values_list("key", "body")) if self.source.pk else {}
        return kept | {key: self.bodies[key] for key in keys if key in self.bodies}


def _batches(items: list[Item]) -> Iterator[list[Item]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
