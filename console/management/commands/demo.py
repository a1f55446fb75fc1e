"""Plays recorded conversations against a running Baton: python manage.py demo --speed 10"""

import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from itertools import count
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from console.demo import dialogues
from console.demo.client import Client
from console.demo.player import Clock, Over, Troupe
from handoffs.management import demo

WAIT_FOR_BATON = 60.0


class Command(BaseCommand):
    help = "Plays recorded conversations as an outside assistant would, until all are over or Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--speed", type=float, default=4.0, help="times real speed (default 4)")
        parser.add_argument("--count", type=int, default=0, help="how many dialogues (default: all 40)")
        parser.add_argument("--at-once", type=int, default=4, help="how many with the assistant at the same time (default 4)")
        parser.add_argument("--linger", type=float, default=30 * 60.0, help="seconds to stay with customers who wait for a person (default 1800)")
        parser.add_argument("--loop", action="store_true", help="begin again after the last one")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["speed"] <= 0 or options["at_once"] < 1 or options["count"] < 0:
            raise CommandError("--speed and --at-once must be above 0, --count not below.")
        world = _world()
        clock = Clock(options["speed"])
        troupe = Troupe(Client(world["base_url"], world["assistant"]["key"], clock.pause_really), clock, self._report, options["at_once"])
        played = dialogues.read()[: options["count"] or None]
        try:
            for again in count():
                troupe.play(played, f"{int(time.time())}-{again}")
                if not options["loop"]:
                    break
            self._linger(troupe, clock, world["base_url"], options["linger"])
        except (KeyboardInterrupt, Over):
            pass
        finally:
            clock.over.set()
        self.stdout.write("; ".join(f"{number} {end}" for end, number in sorted(troupe.ends.items())) or "nothing was played")

    def _linger(self, troupe: Troupe, clock: Clock, base_url: str, seconds: float) -> None:
        if troupe.with_people():
            self.stdout.write(f"{troupe.with_people()} customers are with people or wait for one: {base_url}/queue/ (Ctrl-C to leave)")
        until = time.monotonic() + seconds
        while troupe.with_people() and time.monotonic() < until:
            clock.pause_really(0.5)

    def _report(self, who: str, what: str) -> None:
        line = " ".join(what.split())
        self.stdout.write(f"{timezone.localtime():%H:%M:%S}  {who:<20} {line if len(line) <= 220 else line[:219] + '…'}")
        self.stdout.flush()


def _world() -> dict[str, Any]:
    """The demo's addresses and keys, once Baton answers. Raises CommandError after a minute without it."""
    until = time.monotonic() + WAIT_FOR_BATON
    while not (world := demo.read()) or not _answers(world["base_url"]):
        if time.monotonic() > until:
            missing = f"{world['base_url']} does not answer" if world else f"{settings.VAR}/demo.json is not there"
            raise CommandError(f"{missing}. Start Baton in another terminal first: make run")
        time.sleep(0.5)
    return world


def _answers(base_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base_url}/readyz", timeout=3):  # noqa: S310
            return True
    except (urllib.error.URLError, OSError):
        return False
