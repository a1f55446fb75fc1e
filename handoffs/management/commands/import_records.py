"""Takes customers' records in from files: python manage.py import_records crm.csv more.jsonl.gz --source crm"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from handoffs.management.importing import Changes, Counts
from handoffs.management.record_files import Columns, Refused, Row, Unreadable, read, without_repeats
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
        found = {path: list(self._read(path, columns, options["encoding"])) for path in dict.fromkeys(files)}
        changes = Changes(self._source(source, options["name"]))
        counts = {path: changes.add([row for row in rows if isinstance(row, Row)]) for path, rows in found.items()}
        changes.write()
        for path, rows in found.items():
            self._report(path, rows, counts[path])

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
            source.full_clean()
        except ValidationError as error:
            raise CommandError(f"No source can be called {code!r}: {' '.join(error.messages)}") from None
        return source

    def _report(self, path: Path, rows: list[Row | Refused], counts: Counts) -> None:
        refused = [row for row in rows if isinstance(row, Refused)]
        for line, reason in refused[:SAID]:
            self.stderr.write(f"{path}, line {line}: {reason}")
        if len(refused) > SAID:
            self.stderr.write(f"{path}: and {len(refused) - SAID} more")
        same = len(rows) - len(refused) - counts.new - counts.changed
        self.stdout.write(f"{path}: {len(rows)} rows read, {counts.new} new, {counts.changed} changed, {same} as they were, {len(refused)} refused")
