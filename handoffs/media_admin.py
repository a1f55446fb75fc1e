"""Django's admin for media: endpoints and what was sent to them, mails that came in, mailboxes and files."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models

from handoffs import outbox, webhooks
from handoffs.models import Delivery, Endpoint, File, InboundMail, Mailbox
from handoffs.reading_only import ToRead


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    events = forms.MultipleChoiceField(choices=[(event, event) for event in outbox.EVENTS], required=False, widget=forms.CheckboxSelectMultiple,
                                       help_text="None chosen: all.")

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        try:
            webhooks.check(found.get("url", ""), found.get("events", []))
        except webhooks.Unfit as unfit:
            self.add_error(unfit.field, unfit.reason)
        return found


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = EndpointForm
    fields = ("url", "note", "events", "assistant", "team", "secret", "paused_at", "paused_why", "failures", "failing_since")
    readonly_fields = ("secret", "paused_at", "paused_why", "failures", "failing_since")
    list_display = ("__str__", "events", "assistant", "team", "paused_at", "failures", "failing_since")
    actions = ("ping", "pause", "resume", "rotate", "replay")

    def get_fields(self, request: Any, obj: Endpoint | None = None) -> Any:
        """Who may only look signs nothing."""
        found = super().get_fields(request, obj)
        return found if self.has_change_permission(request, obj) else [name for name in found if name != "secret"]

    @admin.display(description="Secret")
    def secret(self, row: Endpoint) -> str:
        return webhooks.secrets(row)[0] if row.url else "Made when it is saved."

    @admin.action(description="Send a ping", permissions=["change"])
    def ping(self, request: Any, chosen: models.QuerySet[Endpoint]) -> None:
        for each in chosen:
            outbox.ping(each)

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: Any, chosen: models.QuerySet[Endpoint]) -> None:
        for each in chosen:
            webhooks.pause(each, "")

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: Any, chosen: models.QuerySet[Endpoint]) -> None:
        for each in chosen:
            webhooks.resume(each)

    @admin.action(description="Rotate the secret: for a day both sign", permissions=["change"])
    def rotate(self, request: Any, chosen: models.QuerySet[Endpoint]) -> None:
        for each in chosen:
            webhooks.rotate(each)

    @admin.action(description="Send again what was given up", permissions=["change"])
    def replay(self, request: Any, chosen: models.QuerySet[Endpoint]) -> None:
        count = webhooks.replay(Delivery.objects.filter(endpoint__in=chosen, state=Delivery.State.DEAD))
        self.message_user(request, f"{count} are sent again.", messages.SUCCESS)


@admin.register(Delivery)
class DeliveryAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("event", "endpoint", "state", "tries", "status", "error", "due_at", "ended_at")
    list_filter = ("state", "event", "endpoint")
    list_select_related = ("endpoint",)
    actions = ("replay",)

    def has_replay_permission(self, request: Any) -> bool:
        return bool(request.user.has_perm("handoffs.change_endpoint"))

    @admin.action(description="Send again", permissions=["replay"])
    def replay(self, request: Any, chosen: models.QuerySet[Delivery]) -> None:
        self.message_user(request, f"{webhooks.replay(chosen)} are sent again.", messages.SUCCESS)


@admin.register(InboundMail)
class InboundMailAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "medium", "result", "sender", "known_sender", "subject", "conversation", "why")
    list_filter = ("result", "medium", "known_sender")
    search_fields = ("sender", "subject", "message_id")
    list_select_related = ("conversation__customer",)


@admin.register(Mailbox)
class MailboxAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "read_at", "last_uid", "failures", "error")


@admin.register(File)
class FileAdmin(ToRead, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "name", "kind", "size", "conversation")
    exclude = ("stored",)
    list_select_related = ("conversation__customer",)
