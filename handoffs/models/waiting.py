"""Callbacks that were booked, what follows a handoff, what customers say of an assistant alone, and other words for what is said to those who wait."""

from django.db import models
from django.db.models import Q

from handoffs import clock
from handoffs.models.conversations import Conversation
from handoffs.models.handoffs import Handoff
from handoffs.models.people import Team


class Callback(models.Model):
    """A time at which a team comes back to a customer: a place kept in the team's opening hours, and work that is due then."""

    class State(models.TextChoices):
        BOOKED = "booked"
        BEGUN = "begun"
        CANCELLED = "cancelled"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="callbacks")
    team = models.ForeignKey(Team, models.PROTECT, related_name="callbacks")
    asked_in = models.ForeignKey(Handoff, models.SET_NULL, null=True, blank=True, related_name="+", help_text="The handoff whose place it keeps.")
    begun_as = models.OneToOneField(Handoff, models.SET_NULL, null=True, blank=True, related_name="callback", help_text="What it became at its time.")
    at = models.DateTimeField()
    phone = models.CharField(max_length=32, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="The customer's, as Europe/Madrid; empty: not known.")
    state = models.CharField(max_length=12, choices=State.choices, default=State.BOOKED)
    moved = models.PositiveSmallIntegerField(default=0, help_text="How often it was moved.")
    reminded_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the sweep must look at it: to remind, then to begin.")
    made_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=Q(state="booked"), name="one_booked_callback"),
            models.CheckConstraint(condition=~Q(state="booked") | Q(due_at__isnull=False), name="booked_callback_is_due"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="booked"), name="callback_due"),
            models.Index(fields=["team", "at"], condition=Q(state="booked"), name="callback_slots"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.team} ({self.state})"


class WrapUp(models.Model):
    """What follows a handoff until its deadline: the parts of the assistant's plan, each with when it is due and whether it was done."""

    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="wrap_up")
    plan = models.JSONField(default=list, help_text='[{"part": "confirm", "after": 0, "done": true}, …]')
    articles = models.JSONField(default=list, blank=True, help_text='[{"title": …, "text": …}], as the customer reads them.')
    upcoming = models.JSONField(default=list, blank=True, help_text="What happens next, a line each.")
    due_at = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="wrap_up_due")]

    def __str__(self) -> str:
        return f"of {self.handoff_id}"


class Rating(models.Model):
    """What a customer says of an assistant that helped without a person. Never mixed with the answers after a handoff."""

    conversation = models.OneToOneField(Conversation, models.CASCADE, related_name="rating")
    help = models.PositiveSmallIntegerField(help_text="1 (bad) to 5 (great)")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="rating_at")]

    def __str__(self) -> str:
        return f"{self.help}"


class Phrasing(models.Model):
    """Other words of a language model for something the templates say to many: found by what the template said, used only if they say the same."""

    digest = models.CharField(max_length=64, unique=True)
    plain = models.TextField(help_text="What the template says.")
    tone = models.CharField(max_length=12, blank=True)
    said = models.TextField(blank=True, help_text="The words in its place; empty until there are any.")
    tries = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="phrasing_due")]

    def __str__(self) -> str:
        return self.plain[:60]
