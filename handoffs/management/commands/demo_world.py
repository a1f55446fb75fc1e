"""Makes the demo world: python manage.py demo_world"""

from typing import Any

from django.core.management.base import BaseCommand

from handoffs.management import demo


class Command(BaseCommand):
    help = "Makes the demo's teams, agents, supervisor and keys where they are missing, and writes them to var/demo.json."

    def handle(self, *args: Any, **options: Any) -> None:
        world = demo.build()
        demo.teach()
        self.stdout.write(f"{len(world['agents'])} agents and a supervisor; log-ins and keys are in {demo.path()}")
