"""What stands beside a brief: its rewriting by a language model, people's corrections, what records say, canned replies, and repeat-asks."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from pydantic import ValidationError as Unfit

from handoffs import clock, plugins, records
from handoffs.models.conversations import Turn
from handoffs.models.handoffs import Handoff
from handoffs.models.people import Agent, Customer, Team


class Rewrite(models.Model):
    """A brief to be worded by a language model, and what came of it; the row is the queue."""

    class Result(models.TextChoices):
        USED = "used"
        UNFAITHFUL = "unfaithful"
        FAILED = "failed"
        LATE = "late"  # the handoff had ended, or people had put the brief right

    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="rewrite")
    due_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    result = models.CharField(max_length=12, choices=Result.choices, blank=True)
    why = models.TextField(blank=True, help_text="What did not stand in the conversation, or what failed.")
    tokens = models.JSONField(default=dict, blank=True, help_text="What was sent in place of personal data: token to value.")
    model = models.CharField(max_length=100, blank=True)
    took = models.FloatField(null=True, blank=True, help_text="Seconds.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="rewrite_due")]

    def __str__(self) -> str:
        return f"{self.handoff_id}: {self.result or 'due'}"


class Correction(models.Model):
    """What a person put right in a brief."""

    class Field(models.TextChoices):
        GOAL = "goal"
        FEELING = "feeling"
        FACT = "fact"
        ATTEMPT = "attempt"
        SOURCE = "source"

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="corrections")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+", help_text="None: the customer.")
    field = models.CharField(max_length=8, choices=Field.choices)
    name = models.CharField(max_length=200, blank=True, help_text="The fact's name, the attempt's step or the source.")
    before = models.JSONField(null=True, blank=True, help_text="None: it was not there.")
    after = models.JSONField(null=True, blank=True, help_text="None: it was taken away.")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.field} {self.name}".strip()


class RecordSource(models.Model):
    """A place that knows customers: `plugin` is its file in handoffs/records, `settings` what that file asks for."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80, help_text="What agents read.")
    plugin = models.SlugField()
    settings = models.JSONField(default=dict, blank=True)
    enabled = models.BooleanField(default=True)
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Look-ups that failed in a row.")
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Raises ValidationError in words for whoever sets it up."""
        source = plugins.load("handoffs.records").get(self.plugin)
        if source is None:
            raise ValidationError({"plugin": "No such kind of source."})
        if not isinstance(self.settings, dict):
            raise ValidationError({"settings": 'An object, as {"fresh_for": 600}.'})
        try:
            source.Settings.model_validate(self.settings)
        except Unfit as error:
            raise ValidationError({"settings": records.wrong(error)}) from None


class CustomerRecord(models.Model):
    """What one source says of one customer; the row is also the queue of look-ups."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="records")
    source = models.ForeignKey(RecordSource, models.CASCADE, related_name="records")
    body = models.JSONField(default=dict, blank=True, help_text="account, orders, tickets")
    due_at = models.DateTimeField(null=True, blank=True, default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    loaded_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "source"], name="one_record_per_source")]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="record_due")]

    def __str__(self) -> str:
        return f"{self.source} on {self.customer}"


class ImportedRecord(models.Model):
    """A row of an imported file, found by the customer's id or e-mail."""

    source = models.ForeignKey(RecordSource, models.CASCADE, related_name="imported")
    key = models.CharField(max_length=254, help_text="An external id or an e-mail in lower case.")
    body = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="one_imported_record_per_key")]

    def __str__(self) -> str:
        return self.key


class CannedReply(models.Model):
    """A reply kept for a team, or for all; `{{ … }}` in it is filled from the brief."""

    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True, related_name="canned_replies", help_text="None: every team.")
    shortcut = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    text = models.TextField(max_length=4000)
    changed_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["shortcut"]
        constraints = [
            models.UniqueConstraint(fields=["team", "shortcut"], name="one_canned_reply_per_shortcut"),
            models.UniqueConstraint(fields=["shortcut"], condition=Q(team__isnull=True), name="one_canned_reply_for_all"),
        ]

    def __str__(self) -> str:
        return f"/{self.shortcut}"


class RepeatAsk(models.Model):
    """An agent's turn that asked for what the brief held; `excused` when the agent needed it all the same."""

    turn = models.ForeignKey(Turn, models.CASCADE, related_name="repeat_asks")
    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="repeat_asks")
    field = models.CharField(max_length=40)
    known_turn = models.PositiveIntegerField(null=True, blank=True, help_text="Where the customer had said it.")
    warned = models.BooleanField(default=False, help_text="Whether the agent had seen the warning.")
    excused = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn", "field"], name="one_repeat_ask_per_field")]

    def __str__(self) -> str:
        return self.field
