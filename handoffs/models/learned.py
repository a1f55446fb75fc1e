"""What is learned from: judged answers, examples, replays of a draft policy, and the models trained from them."""

from django.db import models
from django.db.models import Q

from handoffs import clock
from handoffs.models.conversations import Conversation, ProposalRecord
from handoffs.models.people import Agent
from handoffs.models.records import PolicyVersion


class Verdict(models.Model):
    """A person's word on whether what an assistant proposed was right."""

    proposal = models.ForeignKey(ProposalRecord, models.CASCADE, related_name="verdicts")
    right = models.BooleanField()
    by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "by"], name="one_verdict_each")]

    def __str__(self) -> str:
        return "right" if self.right else "wrong"


class Example(models.Model):
    """A customer's words with the intent they have, to learn from."""

    class Source(models.TextChoices):
        IMPORT = "import"
        CONVERSATION = "conversation"
        CORRECTION = "correction"

    text = models.TextField()
    intent = models.CharField(max_length=100)
    source = models.CharField(max_length=12, choices=Source.choices)
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, blank=True, related_name="examples")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "source"], condition=Q(conversation__isnull=False), name="one_example_per_conversation")
        ]

    def __str__(self) -> str:
        return f"{self.intent}: {self.text[:60]}"


class LearnedModel(models.Model):
    """One version of a trained model; the body is what `handoffs.learned` saves. One of a kind and subject is in use."""

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=50, blank=True, help_text="Whose it is, as an assistant's code; empty: everybody's.")
    number = models.PositiveIntegerField()
    body = models.BinaryField()
    measures = models.JSONField(default=dict, blank=True)
    in_use = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "subject", "number"], name="models_are_numbered"),
            models.UniqueConstraint(fields=["kind", "subject"], condition=Q(in_use=True), name="one_model_in_use"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.number}".replace("  ", " ")


class Replay(models.Model):
    """History run through a draft policy; a worker does it and says how far it is."""

    class State(models.TextChoices):
        DUE = "due"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    draft = models.ForeignKey(PolicyVersion, models.CASCADE, related_name="replays")
    body = models.JSONField(default=dict, help_text="The draft's values as they were when it began.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    imported = models.BinaryField(null=True, blank=True, help_text="Gzipped JSON lines to run instead of our own history.")
    since = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True)
    asked_by = models.ForeignKey(Agent, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True, help_text="When its worker last said how far it is.")
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"replay {self.pk} of {self.draft}"


class Flip(models.Model):
    """A conversation that a draft policy would decide otherwise, and what a person thinks of that."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="flips")
    conversation = models.ForeignKey(Conversation, models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=200, blank=True, help_text="Its id in an import.")
    words = models.CharField(max_length=300, help_text="The customer's words it turns on.")
    before = models.JSONField(default=dict, help_text="action, trigger and reason under the policy in force")
    after = models.JSONField(default=dict, help_text="the same under the draft")
    right = models.BooleanField(null=True, blank=True, help_text="Whether the draft's decision is the better one.")
    by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.words[:60]
