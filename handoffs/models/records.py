"""What keeps the product going: policies, letters to send, first answers to repeat, and signs of life."""

import logging
from datetime import timedelta

from django.db import models
from django.db.models import Q
from pydantic import ValidationError

from handoffs import clock
from handoffs.models.conversations import Turn
from handoffs.models.people import Agent, ApiKey
from handoffs.policy import Policy
from handoffs.prepared import Asked, Prepared

logger = logging.getLogger(__name__)

# Signs of life that follow each other so closely are one.
MOMENTS = timedelta(seconds=2)


class PolicyVersion(models.Model):
    """One version of the policy: a draft until it is published; the one published last is in force."""

    body = models.JSONField(default=dict, blank=True)
    why = models.TextField(blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True, blank=True, default=clock.now, help_text="None: a draft.")
    published_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True, help_text="When somebody last read through the people-only list.")
    reviewed_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(models.expressions.Value(1), condition=Q(published_at__isnull=True), name="one_policy_draft")]

    def __str__(self) -> str:
        return f"policy {self.pk}"

    @property
    def readable(self) -> Policy | None:
        """None for a version that no longer can be read, as after a change of what is allowed."""
        try:
            return Policy.model_validate(self.body)
        except ValidationError:
            logger.exception("%s cannot be read", self)
            return None

    def says(self) -> Policy:
        """What acts under this version: its own values or, since that must not cost a customer their turn when they cannot be read, those of the
        newest published one before it that can, or the standard ones."""
        version: PolicyVersion | None = self
        while version:
            if policy := version.readable:
                return policy
            version = PolicyVersion.objects.filter(published_at__isnull=False, pk__lt=version.pk).order_by("published_at", "pk").last()
        return Policy.model_validate({})

    @classmethod
    def in_force(cls) -> Policy:
        return cls.of(_newest.all())

    @classmethod
    def asked(cls) -> "Asked[PolicyVersion]":
        """The question for `of`, to be asked together with others."""
        return _newest.asked()

    @classmethod
    def of(cls, found: "list[PolicyVersion]") -> Policy:
        """The policy in force, by the rows of `asked`."""
        return found[0].says() if found else Policy.model_validate({})

    @classmethod
    def live(cls) -> "PolicyVersion | None":
        return cls._published().last()

    @classmethod
    def _published(cls) -> models.QuerySet["PolicyVersion"]:
        return cls.objects.filter(published_at__isnull=False).order_by("published_at", "pk")


_newest = Prepared(lambda: PolicyVersion.objects.filter(published_at__isnull=False).order_by("-published_at", "-pk").only("body")[:1])


class Letter(models.Model):
    """A turn that must also reach the customer elsewhere, as by e-mail; the row is the queue."""

    turn = models.OneToOneField(Turn, models.CASCADE, related_name="letter")
    medium = models.CharField(max_length=20, default="email", db_default="email")
    to = models.CharField(max_length=254)
    message_id = models.CharField(max_length=300, blank=True, default="", db_default="", help_text="What the medium calls it.")
    due_at = models.DateTimeField(default=clock.now)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(sent_at__isnull=True), name="letter_due")]

    def __str__(self) -> str:
        return f"to {self.to}"


class FirstAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered, to answer its repeats the same."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    body = models.TextField(blank=True)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="one_first_answer")]

    def __str__(self) -> str:
        return self.key


class Heartbeat(models.Model):
    """When a periodic duty was last done."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"

    @classmethod
    def beat(cls, name: str) -> None:
        """Several who do the same within moments leave one mark: nobody looks closer than by seconds, and each mark is a write."""
        now = clock.now()
        if not cls.objects.filter(name=name, at__range=(now - MOMENTS, now + MOMENTS)).exists():
            cls.objects.update_or_create(name=name, defaults={"at": now})
