"""Takes customers' records in from files: python manage.py import_records crm.csv more.jsonl.gz --source crm"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from handoffs.management.importing import Columns, Refused, Row, Unreadable, read, take_in, without_repeats
from handoffs.models import RecordSource

SAID = 100


class Command(BaseCommand):
    help = "Takes in CSV or JSON lines, packed or not, a customer on each line; the same file again changes nothing. All files or none are taken in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--source", required=True, metavar="CODE", help="the source the records belong to; made when there is none")
        parser.add_argument("--name", help="what agents read, when the source is made")
        parser.add_argument("--id", default="external_id", metavar="COLUMN", help="the column with the customers' ids (external_id)")
        parser.add_argument("--email", default="email", metavar="COLUMN", help="the column with their e-mail addresses (email)")
        parser.add_argument("--encoding", default="utf-8", help="of the files (utf-8)")

    def handle(self, *args: Any, files: list[Path], source: str, **options: Any) -> None:
        columns = Columns(options["id"], options["email"])
        # Everything is read before anything is written, so that no other writer waits for a slow disk.
        found = {path: list(self._read(path, columns, options["encoding"])) for path in dict.fromkeys(files)}
        with transaction.atomic():
            kept_in = self._source(source, options["name"])
            counts = {path: take_in(kept_in, [row for row in rows if isinstance(row, Row)]) for path, rows in found.items()}
        for path, rows in found.items():
            refused = [row for row in rows if isinstance(row, Refused)]
            self._complain(path, refused)
            new, changed = counts[path]
            same = len(rows) - len(refused) - new - changed
            self.stdout.write(f"{path}: {len(rows)} rows read, {new} new, {changed} changed, {same} as they were, {len(refused)} refused")

    def _read(self, path: Path, columns: Columns, encoding: str) -> list[Row | Refused]:
        try:
            return list(without_repeats(read(path, columns, encoding)))
        except (OSError, Unreadable) as error:
            raise CommandError(f"{path}: {getattr(error, 'strerror', None) or error}. Nothing was taken in.") from None

    def _source(self, code: str, name: str | None) -> RecordSource:
        source = RecordSource.objects.filter(code=code).first() or RecordSource(code=code, name=name or code, plugin="imported")
        if source.plugin != "imported":
            raise CommandError(f"The source {code!r} is no imported file but {source.plugin!r}; choose another code.")
        try:
            if source.pk is None:
                source.full_clean()
                source.save()
        except ValidationError as error:
            raise CommandError(f"No source can be called {code!r}: {' '.join(error.messages)}") from None
        return source

    def _complain(self, path: Path, refused: list[Refused]) -> None:
        for line, reason in refused[:SAID]:
            self.stderr.write(f"{path}, line {line}: {reason}")
        if len(refused) > SAID:
            self.stderr.write(f"{path}: and {len(refused) - SAID} more")
