"""What carries words in and out: webhook endpoints with their deliveries, mails that came in, and files."""

from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.db.models import Q
from django.db.models.signals import post_delete
from django.dispatch import receiver

from handoffs import clock
from handoffs.models.choices import choices
from handoffs.models.conversations import Conversation, Turn
from handoffs.models.people import Assistant, Team
from handoffs.snapshots import Author


class Endpoint(models.Model):
    """An address elsewhere that is told what happens here. Its secret stands nowhere: it is made of ours and `secret_number`."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    url = models.CharField("Address", max_length=2000, help_text="Begins with https://.")
    note = models.CharField(max_length=200, blank=True, help_text="For people: what it is.")
    events = models.JSONField(default=list, blank=True, help_text='Which, as ["handoff.requested", "turn.said"]. Empty: all.')
    assistant = models.ForeignKey(Assistant, models.CASCADE, null=True, blank=True, related_name="endpoints", help_text="Only its conversations. Empty: all.")
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="endpoints", help_text="Only its handoffs. Empty: all.")
    secret_number = models.PositiveIntegerField(default=1, editable=False)
    rotated_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, blank=True, editable=False)
    paused_why = models.CharField(max_length=200, blank=True, editable=False)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="In a row.")
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    made_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["made_at", "pk"]

    def __str__(self) -> str:
        """Without the path, which may be a secret: anybody may read warnings."""
        return self.note or "{0.scheme}://{0.netloc}".format(urlsplit(self.url))


class Delivery(models.Model):
    """One event on its way to one endpoint; the row is the queue."""

    class State(models.TextChoices):
        DUE = "due"
        SENDING = "sending"  # due again at `due_at`, should its worker die
        SENT = "sent"
        DEAD = "dead"

    # Without a constraint: an endpoint that is taken away just now must not cost a customer their turn.
    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_constraint=False)
    key = models.UUIDField(default=uuid4, unique=True, editable=False, help_text="The same on every try: receivers drop what they know.")
    event = models.CharField(max_length=40)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, blank=True, related_name="+")
    body = models.TextField(help_text="As it is sent.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Of the last answer.")
    error = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=["due", "sending"]), name="delivery_due"),
            models.Index(fields=["endpoint", "conversation"], condition=Q(state__in=["due", "sending"]), name="delivery_order"),
            models.Index(fields=["endpoint", "state"], name="delivery_state"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="delivery_over"),
        ]

    def __str__(self) -> str:
        return f"{self.event} ({self.state})"


class InboundMail(models.Model):
    """A mail or message that came in, and what became of it: each is taken once, whatever is sent how often."""

    class Result(models.TextChoices):
        TAKEN = "taken"
        NOTHING = "nothing said"
        AUTO_REPLY = "auto-reply"
        BOUNCE = "bounce"
        LOOP = "loop"
        UNKNOWN = "unknown address"
        EXPIRED = "expired address"
        UNREADABLE = "unreadable"

    key = models.CharField(max_length=64, unique=True, help_text="A digest of its id and whom it is for.")
    medium = models.CharField(max_length=20, default="email")
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, blank=True, related_name="mails")
    turn = models.OneToOneField(Turn, models.SET_NULL, null=True, blank=True, related_name="mail")
    message_id = models.CharField(max_length=300, blank=True)
    sender = models.CharField(max_length=254, blank=True)
    known_sender = models.BooleanField(default=True, help_text="Whether it is the address we know the customer by.")
    subject = models.CharField(max_length=200, blank=True)
    result = models.CharField(max_length=16, choices=Result.choices)
    why = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True, help_text="What was not taken as words of the customer.")
    files = models.PositiveSmallIntegerField(default=0)
    files_refused = models.PositiveSmallIntegerField(default=0)
    enclosed = models.TextField(blank=True, default="", db_default="", help_text="Addresses of what came along, one a line; fetched when it is due.")
    due_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["conversation", "at"], name="mail_of_conversation"), models.Index(fields=["at"], name="mail_came"),
                   models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="mail_enclosed_due")]

    def __str__(self) -> str:
        return f"{self.result}: {self.subject[:60]}"


class Mailbox(models.Model):
    """How far a mailbox has been read; whoever moves `lease_until` reads it."""

    name = models.CharField(max_length=300, primary_key=True)
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    lease_until = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.name


def files_storage() -> Storage:
    return storages["files"]


def random_name(file: "File", name: str) -> str:
    """Says nothing of what it is, and nobody can guess it."""
    return f"{file.pk.hex[:2]}/{uuid4().hex}"


class File(models.Model):
    """A file a customer sent. Its kind is what its first bytes say, never its name."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="files")
    turn = models.ForeignKey(Turn, models.CASCADE, related_name="files")
    author = models.CharField(max_length=12, choices=choices(Author), default=Author.CUSTOMER)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=100, help_text="A media type.")
    size = models.PositiveIntegerField(help_text="Bytes.")
    stored = models.FileField(storage=files_storage, upload_to=random_name, max_length=200)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.name


@receiver(post_delete, sender=File)
def forget_bytes(instance: File, **_: Any) -> None:
    transaction.on_commit(partial(instance.stored.delete, save=False), robust=True)
