"""The domain as a Django app; connects the one signal to giving work out."""

from django.apps import AppConfig


class HandoffsConfig(AppConfig):
    name = "handoffs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from handoffs import offers  # noqa: PLC0415  (apps must be loaded first)

        offers.connect()
