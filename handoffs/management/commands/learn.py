"""Learns which intent customers' words have: python manage.py learn [FILE…] [--list | --back | --use NUMBER | --feelings]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from handoffs import corrections, learning
from handoffs.learned import examples
from handoffs.models import LearnedModel


class Command(BaseCommand):
    help = "Learns intents from resolved handoffs, agents' corrections and files (CSV or JSON lines with text and intent), and uses the new version at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument("--list", action="store_true", help="show the versions")
        instead.add_argument("--back", action="store_true", help="use the version before the one in use")
        instead.add_argument("--feelings", action="store_true", help="print the feelings agents put right, as lines of phrases/feeling.tsv to train on")
        instead.add_argument("--use", type=int, metavar="NUMBER", help="use this version")

    def handle(self, *args: Any, files: list[Path], **options: Any) -> None:
        try:
            if options["list"]:
                self._list()
            elif options["feelings"]:
                self.stdout.writelines(f"{mood}\t{' '.join(text.split())}" for mood, text in corrections.feelings())
            elif options["back"] or options["use"] is not None:
                self._say(learning.go_back() if options["back"] else learning.use(options["use"]))
            else:
                for path in files:
                    self._take_in(path)
                self.stdout.write(f"{learning.look_back()} new examples from past conversations")
                self._say(learning.learn())
        except learning.Unlearned as error:
            raise CommandError(str(error)) from None

    def _take_in(self, path: Path) -> None:
        try:
            usable, broken = examples.read(path.read_bytes())
        except (OSError, ValueError) as error:
            raise CommandError(f"{path}: {error}") from None
        for line, reason in broken:
            self.stderr.write(f"{path}, line {line}: {reason}")
        self.stdout.write(f"{path}: {learning.take_in(usable)} new examples, {len(broken)} broken rows left out")

    def _list(self) -> None:
        for row in LearnedModel.objects.filter(kind=learning.KIND, subject="").order_by("number"):
            self._say(row)

    def _say(self, row: LearnedModel) -> None:
        found = row.measures
        self.stdout.write(
            f"version {row.number}{', in use' if row.in_use else ''}: {found['examples']} examples of {found['intents']} intents; on examples held out "
            f"{found['dont_know']:.0%} \"don't know\", {found['said_right']:.0%} of the others right, calibration error {found['ece']:.3f}"
        )
