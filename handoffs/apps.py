"""The domain as a Django app; connects the database to the clock, the one signal to giving work out, and migrations to tables of words and their time."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class HandoffsConfig(AppConfig):
    name = "handoffs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from handoffs import offers, timekeeping  # noqa: PLC0415  (apps must be loaded first)
        from handoffs.search import tables  # noqa: PLC0415

        timekeeping.connect()
        offers.connect()
        pre_migrate.connect(tables.make_way, sender=self)
        post_migrate.connect(tables.install, sender=self)
        pre_migrate.connect(take_time, sender=self)
        post_migrate.connect(keep_time, sender=self)


def take_time(using: str, **_: Any) -> None:
    """A migration may take as long as its rows need: the limit of the connection's statements is for people's requests."""
    _on_postgresql(using, "SET statement_timeout = 0")


def keep_time(using: str, **_: Any) -> None:
    _on_postgresql(using, "RESET statement_timeout")


def _on_postgresql(using: str, statement: str) -> None:
    if connections[using].vendor == "postgresql":
        with connections[using].cursor() as cursor:
            cursor.execute(statement)
