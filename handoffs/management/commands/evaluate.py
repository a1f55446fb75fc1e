"""Measures the judgement on labelled data: python manage.py evaluate intents --train T.jsonl.gz --test S.jsonl.gz"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from handoffs import plugins
from handoffs.evaluation.files import Files, read


class Command(BaseCommand):
    help = "Trains on --train (and --dev), measures on --test, and prints the figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(plugins.load("handoffs.evaluation")))
        for name in ("train", "dev", "test", "oos-train", "oos-test"):
            parser.add_argument(f"--{name}", nargs="+", type=Path, default=[], metavar="PATH")
        parser.add_argument("--scenario", default="", help="what a simulation plays")
        parser.add_argument("--seed", type=int, default=0, help="of a simulation's chance")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, kind: str, **options: Any) -> None:
        try:
            rows = {name: read(options[name]) for name in ("train", "dev", "test", "oos_train", "oos_test")}
            files = Files(**rows, scenario=options["scenario"], seed=options["seed"])
            figures = plugins.load("handoffs.evaluation")[kind].measure(files)
        except KeyError as error:
            raise CommandError(f"rows lack the field {error}") from error
        except (AttributeError, LookupError, TypeError) as error:
            raise CommandError(f"rows hold what {kind} cannot use: {error}; --traceback says where") from error
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name}: {round(value, 4) if isinstance(value, float) else value}")
