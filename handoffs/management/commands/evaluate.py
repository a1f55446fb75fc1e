"""Measures the judgement on labelled data: python manage.py evaluate intents --train T.jsonl.gz --test S.jsonl.gz"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from handoffs import plugins
from handoffs.evaluation.files import Files, read

ROWS = ("train", "dev", "test", "oos_train", "oos_test")


class Command(BaseCommand):
    help = "Trains on --train (and --dev), measures on --test, and prints the figures."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=sorted(_kinds()))
        for name in ROWS:
            parser.add_argument(f"--{name.replace('_', '-')}", nargs="+", type=Path, default=[], metavar="PATH")
        parser.add_argument("--scenario", nargs="+", default=[], help="what a simulation plays")
        parser.add_argument("--discipline", default="", help="the order of a simulated queue: first-come or due-date; both when not given")
        parser.add_argument("--log", type=Path, help="waits: a log of your own instead of a simulation (docs/waiting.md)")
        parser.add_argument("--picture", type=Path, help="waits: draw how reliable the ranges were, as SVG")
        parser.add_argument("--seed", type=int, default=0, help="of a simulation's chance")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, kind: str, **options: Any) -> None:
        measure = _kinds()[kind]
        if getattr(measure, "simulates", False) and any(options[name] for name in ROWS):
            raise CommandError(f"{kind} plays a simulation and takes no rows")
        try:
            rows: dict[str, Any] = {name: read(options[name]) for name in ROWS}
            given: dict[str, Any] = {name: options[name] for name in ("discipline", "log", "picture", "seed")}
            files = Files(**given, **rows, scenario=" ".join(options["scenario"]))
            figures = measure.measure(files)
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


def _kinds() -> dict[str, Any]:
    """What needs no store, and what rehearses the duties on one of its own."""
    return {**plugins.load("handoffs.evaluation"), **plugins.load("handoffs.rehearsal")}
