"""Brings the translations in locale/ up to the templates, compiles them, and says what is missing."""

from typing import Any

from django.core.management.base import BaseCommand

from console import translations


class Command(BaseCommand):
    help = "Writes locale/LANGUAGE/LC_MESSAGES/django.po and .mo for every language; fill in what is empty in the .po and run it again."

    def handle(self, *args: Any, **options: Any) -> None:
        for code in translations.codes():
            translations.refresh(code)
            missing = translations.missing(code)
            self.stdout.write(f"{code}: {len(missing)} missing")
            for message in missing:
                self.stdout.write(f"  {message if isinstance(message, str) else message[0]}")
