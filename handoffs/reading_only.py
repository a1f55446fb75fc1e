"""Rows of the admin that can only be read."""

from typing import Any

from django.db import models


class ToRead:
    """Rows that only the product itself writes: an edit here would go around the guards of the states."""

    def has_add_permission(self, request: Any, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: models.Model | None = None) -> bool:
        return False
