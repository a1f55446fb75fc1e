"""Customers' records from a file."""

from typing import Any, ClassVar

from pydantic import Field

from handoffs import records
from handoffs.records import Found, Who


class ImportedSettings(records.Settings):
    # A new import counts at the next handoff.
    fresh_for: int = Field(0, ge=0, le=86_400)


class Imported:
    """Rows of CSV or JSON lines taken in by `manage.py import_records`, found by the customer's id with you, otherwise by their e-mail."""

    code = "imported"
    label = "Imported file"
    Settings = ImportedSettings
    examples: ClassVar[tuple[tuple[dict[str, Any], bool], ...]] = (
        ({}, True), ({"fresh_for": 60}, True), ({"fresh_for": -1}, False), ({"path": "crm.csv"}, False)
    )

    def look_up(self, settings: ImportedSettings, who: Who) -> Found | None:
        row = who.imported.get(who.external_id) or who.imported.get(who.email.lower())
        return Found(row.get("account", {}), tuple(row.get("orders", ())), tuple(row.get("tickets", ()))) if row else None
