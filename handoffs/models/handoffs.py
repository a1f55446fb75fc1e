"""Handoffs, their steps, and what customers answered afterwards."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from handoffs import clock
from handoffs.models.choices import choices
from handoffs.models.conversations import Conversation
from handoffs.models.people import Agent, Team
from handoffs.snapshots import Brief, Mood, Trend
from handoffs.states import OPEN, State


class Handoff(models.Model):
    """One passing of the baton: from the detection until the conversation is handed back or closed."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="handoffs")
    state = models.CharField(max_length=12, choices=choices(State), default=State.WAITING)
    team = models.ForeignKey(Team, models.PROTECT, related_name="handoffs")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="handoffs")
    trigger = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    detections = models.JSONField(default=list)
    brief = models.JSONField(default=dict)
    brief_number = models.PositiveIntegerField(default=1, help_text="Raised by each change of the brief.")
    mood = models.CharField(max_length=12, choices=choices(Mood), default=Mood.NEUTRAL)
    trend = models.CharField(max_length=8, choices=choices(Trend), default=Trend.STEADY)
    goal = models.CharField(max_length=200, blank=True)
    intent = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=20, blank=True, help_text="Which the agent must speak; empty: any.")
    skills = models.JSONField(default=dict, blank=True, help_text='Least levels of the agent, as {"refunds": 2}.')
    weight = models.FloatField(default=1.0, help_text="The share of an agent's room it takes; 1 is ordinary.")
    priority = models.PositiveSmallIntegerField(default=4)
    routed_because = models.CharField(max_length=200, blank=True)
    rank_at = models.DateTimeField(help_text="The queue's order: the earliest is next.")
    created_at = models.DateTimeField(default=clock.now)
    waiting_since = models.DateTimeField(default=clock.now)
    promise_due_at = models.DateTimeField()
    first_place = models.PositiveIntegerField(default=1)
    told_place = models.PositiveIntegerField(default=0)
    told = models.CharField(max_length=60, blank=True, help_text="What of the wait the customer knows, in short.")
    told_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True, help_text="When the customer closed the page; none while it is open, or was never seen open.")
    added = models.PositiveSmallIntegerField(default=0, help_text="What the customer added while it waited.")
    follows = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="followed_by", help_text="The handoff before it.")
    called_back_at = models.DateTimeField(null=True, blank=True, help_text="The time for which the customer asked to be called back.")
    check_ins = models.PositiveIntegerField(default=0)
    offered_to = models.ForeignKey(Agent, models.SET_NULL, null=True, blank=True, related_name="offered", help_text="Held for them meanwhile.")
    alarmed_at = models.DateTimeField(null=True, blank=True, help_text="When a supervisor was called for it.")
    moving_to = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Where it passes on to, unless undone.")
    snoozed_until = models.DateTimeField(null=True, blank=True, help_text="Put aside by its agent until then, or until the customer writes.")
    claimed_at = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True, help_text="What the agent did, a line each; the customer reads it.")
    hands_back = models.BooleanField(default=True, help_text="Whether resolving gives the conversation back.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the sweep must look at it.")

    # Of one that was just made: what was noted of it.
    first_steps: "tuple[Step, ...]" = ()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=Q(state__in=sorted(OPEN)), name="one_open_handoff"),
            models.CheckConstraint(condition=~Q(state__in=sorted(OPEN)) | Q(due_at__isnull=False), name="open_handoff_is_due"),
            models.CheckConstraint(condition=~Q(state__in=[State.CLAIMED, State.PASSING, State.RESOLVED]) | Q(agent__isnull=False), name="claimed_has_agent"),
        ]
        indexes = [
            models.Index(fields=["state", "team", "rank_at"], name="handoff_queue"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="handoff_due"),
            models.Index(fields=["team", "claimed_at"], condition=Q(claimed_at__isnull=False), name="handoff_recent_waits"),
            models.Index(fields=["agent", "state"], name="handoff_load"),
            models.Index(fields=["offered_to"], condition=Q(offered_to__isnull=False), name="handoff_offered"),
            # What the wall measures is of today or of this week, whatever came before.
            models.Index(fields=["created_at"], name="handoff_came"),
            models.Index(fields=["claimed_at"], condition=Q(claimed_at__isnull=False), name="handoff_claimed"),
            models.Index(fields=["first_reply_at"], condition=Q(first_reply_at__isnull=False), name="handoff_answered"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="handoff_over"),
            models.Index(fields=["trigger", "created_at"], name="handoff_trigger"),
        ]

    def __str__(self) -> str:
        return f"{self.goal or self.reason} ({self.state})"

    @property
    def done(self) -> tuple[str, ...]:
        """The resolution's lines, without the signs people put before them."""
        lines = (line.strip(" -•\t") for line in self.resolution.splitlines())
        return tuple(line for line in lines if line)

    @property
    def what_to_know(self) -> Brief:
        return Brief.model_validate(self.brief)


class Offer(models.Model):
    """A handoff held for one agent for some seconds; open while it has no outcome. Nobody is offered twice what they could have taken."""

    class Outcome(models.TextChoices):
        OPEN = ""
        ACCEPTED = "accepted"
        DECLINED = "declined"
        MISSED = "missed"
        WITHDRAWN = "withdrawn"

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="offers")
    agent = models.ForeignKey(Agent, models.CASCADE, related_name="offers")
    offered_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.OPEN, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["handoff"], condition=Q(outcome=""), name="one_open_offer"),
            models.UniqueConstraint(fields=["handoff", "agent"], name="offered_once_each"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(outcome=""), name="offer_due")]

    def __str__(self) -> str:
        return f"{self.handoff_id} to {self.agent_id} ({self.outcome or 'open'})"


class Step(models.Model):
    """One audit row of a handoff: what happened, who did it, when."""

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=20)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=20, help_text="customer, assistant, agent, supervisor or baton")
    at = models.DateTimeField(default=clock.now)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["verb", "at"], name="step_verb")]

    def __str__(self) -> str:
        return f"{self.verb} by {self.by}"


class Survey(models.Model):
    """The customer's two answers after a handoff."""

    class Repeated(models.TextChoices):
        NO = "no"
        LITTLE = "a_little"
        YES = "yes"

    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="survey")
    repeated = models.CharField(max_length=8, choices=Repeated.choices, blank=True)
    help = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (bad) to 5 (great)")
    at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.repeated} {self.help}"
