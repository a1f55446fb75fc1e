"""The domain as a Django app; connects the one signal to giving work out, and migrations to the tables of words."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class HandoffsConfig(AppConfig):
    name = "handoffs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from handoffs import offers  # noqa: PLC0415  (apps must be loaded first)
        from handoffs.search import tables  # noqa: PLC0415

        offers.connect()
        pre_migrate.connect(tables.make_way, sender=self)
        post_migrate.connect(tables.install, sender=self)
