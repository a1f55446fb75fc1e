"""Django's admin: teams, people and assistants are changed here; what happened can only be read."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import models
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.html import format_html_join

from handoffs import learning, media_admin, plugins, roster, waiting_admin  # noqa: F401  (register their rows)
from handoffs.models import (
    Agent,
    ApiKey,
    Assistant,
    Attempt,
    Conversation,
    Customer,
    CustomerRecord,
    Demand,
    Example,
    Handoff,
    Heartbeat,
    ImportedRecord,
    LearnedModel,
    Letter,
    PolicyVersion,
    ProposalRecord,
    RecordSource,
    Step,
    Survey,
    Team,
    Turn,
)
from handoffs.reading_only import ToRead


class Indented(json.JSONEncoder):
    """JSON as people edit it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "indent": 2, "sort_keys": False})


class TurnRows(ToRead, admin.TabularInline):  # type: ignore[type-arg]
    model = Turn
    fields = ("number", "author", "kind", "text", "at", "mood", "confidence")
    ordering = ("number",)
    extra = 0


class StepRows(ToRead, admin.TabularInline):  # type: ignore[type-arg]
    model = Step
    fields = ("at", "verb", "by", "agent", "from_state", "to_state", "epoch", "note")
    ordering = ("id",)
    extra = 0


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "public_name", "promise", "general", "push", "overflow_team", "code")

    # A policy's topics name teams by their code: renamed, a team would lose them without a word.
    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Team | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"code": ("name",)}


@admin.register(Agent)
class AgentAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "first_name", "last_name", "is_supervisor", "status", "lease_until", "capacity")
    list_filter = ("teams", "is_supervisor", "is_active")
    filter_horizontal = ("teams", "groups", "user_permissions")
    # Agents write these themselves: a form that was opened before would put old times back.
    readonly_fields = ("leaves_at", "back_at")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Baton", {"fields": ("teams", "is_supervisor", "capacity", "status", "leaves_at", "back_at", "skills", "languages")}),
    )

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        # The page tells what the status was when it was opened: what the agent set meanwhile is no change of whoever saves it.
        return super().formfield_for_choice_field(db_field, request, **given, show_hidden_initial=db_field.name == "status")

    def save_model(self, request: HttpRequest, obj: Agent, form: Any, change: bool) -> None:
        if change:
            columns = {field.name for field in obj._meta.concrete_fields} - {"status"}
            obj.save(update_fields=columns.intersection(form.changed_data))
        else:
            super().save_model(request, obj, form, change)
        if "status" in form.changed_data:
            roster.set_status(obj, obj.status)


@admin.register(Demand)
class DemandAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("intent", "weight", "skills")


@admin.register(Assistant)
class AssistantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "code", "plugin", "copilot")


@admin.register(PolicyVersion)
class PolicyAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "made_at", "made_by", "published_at", "published_by", "why")


@admin.register(ApiKey)
class KeyAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("prefix", "assistant", "agent", "made_at", "revoked_at")
    exclude = ("digest",)
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("handoffs.change_apikey")

    @admin.action(description="Revoke the chosen keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: models.QuerySet[ApiKey]) -> None:
        chosen.filter(revoked_at__isnull=True).update(revoked_at=Now())


@admin.register(Conversation)
class ConversationAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("customer", "owner", "team", "agent", "epoch", "last_number", "last_turn_at")
    list_filter = ("owner", "team", "assistant")
    search_fields = ("id", "external_id", "customer__name")
    list_select_related = ("customer", "team", "agent")
    inlines = (TurnRows,)


@admin.register(Handoff)
class HandoffAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("goal", "state", "team", "agent", "reason", "mood", "priority", "created_at")
    list_filter = ("state", "team", "trigger", "mood")
    search_fields = ("id", "goal", "conversation__customer__name")
    list_select_related = ("team", "agent")
    inlines = (StepRows,)


@admin.register(Customer)
class CustomerAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "external_id", "tier", "assistant")
    search_fields = ("name", "external_id", "email")


class SourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which kinds of sources there are, and what each asks for, is read from their plug-ins."""

    plugin = forms.ChoiceField(label="Kind", choices=lambda: [(code, kind.label) for code, kind in plugins.load("handoffs.records").items()])
    settings = forms.JSONField(widget=forms.Textarea(attrs={"rows": 14, "cols": 100}), required=False, initial=dict, encoder=Indented)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["settings"].help_text = format_html_join("", "<p><b>{}</b>: {}</p>", (
            (kind.label, kind.__doc__) for kind in plugins.load("handoffs.records").values()
        ))

    def clean_settings(self) -> Any:
        return self.cleaned_data["settings"] or {}


@admin.register(RecordSource)
class SourceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = SourceForm
    fields = ("name", "code", "plugin", "settings", "enabled")
    list_display = ("name", "code", "plugin", "enabled", "failures", "failing_since")
    prepopulated_fields: ClassVar[dict[str, Any]] = {"code": ("name",)}


@admin.register(CustomerRecord)
class CustomerRecordAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("customer", "source", "loaded_at", "due_at", "tries", "error")
    list_filter = ("source",)
    search_fields = ("customer__name", "customer__external_id")
    list_select_related = ("customer", "source")


@admin.register(ImportedRecord)
class ImportedRecordAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("key", "source", "at")
    list_filter = ("source",)
    search_fields = ("key",)
    list_select_related = ("source",)


@admin.register(ProposalRecord)
class ProposalAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "action", "trigger", "confidence", "intent", "text")
    list_filter = ("action", "trigger")


@admin.register(Letter)
class LetterAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("to", "due_at", "tries", "sent_at", "error")


@admin.register(Attempt)
class AttemptAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "step", "outcome", "shown", "detail")
    list_filter = ("outcome",)


@admin.register(Survey)
class SurveyAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "handoff", "repeated", "help")


@admin.register(Example)
class ExampleAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "intent", "source", "text")
    list_filter = ("source", "intent")
    search_fields = ("text",)


@admin.register(LearnedModel)
class LearnedAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("kind", "subject", "number", "in_use", "made_at", "made_by", "measures")
    list_filter = ("kind", "in_use")
    exclude = ("body",)
    actions = ("use",)

    def has_use_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("handoffs.change_learnedmodel")

    @admin.action(description="Use this version", permissions=["use"])
    def use(self, request: HttpRequest, chosen: models.QuerySet[LearnedModel]) -> None:
        rows = list(chosen[:2])
        if len(rows) == 1 and rows[0].kind == learning.KIND:
            self.message_user(request, f"{learning.use(rows[0].number)} is in use now.")
        else:
            self.message_user(request, "Choose one version of the model of intents.", messages.ERROR)


@admin.register(Heartbeat)
class HeartbeatAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "at")
