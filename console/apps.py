"""The edge as a Django app; connects the one signal to live delivery."""

import atexit
import gc

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console import live  # noqa: PLC0415  (apps must be loaded first)

        live.connect()
        # A process that ends need not look through everything it has made once more: nearly a second of work.
        atexit.register(gc.freeze)
