"""The edge as a Django app; connects the one signal to live delivery."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console import live  # noqa: PLC0415  (apps must be loaded first)

        live.connect()
