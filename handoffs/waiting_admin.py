"""Django's admin for the waiting room: callbacks, wrap-ups, ratings of an assistant alone, and check-ins in other words."""

from django.contrib import admin

from handoffs.models import Callback, Phrasing, Rating, WrapUp
from handoffs.reading_only import ToRead


@admin.register(Callback)
class CallbackAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "team", "state", "phone", "moved", "conversation")
    list_filter = ("state", "team")


@admin.register(WrapUp)
class WrapUpAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("handoff", "due_at", "deadline_at", "ended_at")


@admin.register(Rating)
class RatingAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "conversation", "help")


@admin.register(Phrasing)
class PhrasingAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("plain", "said", "tone", "error", "tries")
    search_fields = ("plain", "said")
