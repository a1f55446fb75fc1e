"""What was foretold of waits, and what became of it."""

from django.db import models
from django.db.models import Q

from handoffs import clock
from handoffs.models.handoffs import Handoff
from handoffs.models.people import Team

# The place of all who stand further back than is looked at; among themselves they stand as the queue ranks them.
FAR = 1_000_000


class Outlook(models.Model):
    """How long one waits with a team, by place in line, as it was looked at last; and how far its ranges are stretched to hold."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="outlook")
    made_at = models.DateTimeField(default=clock.now)
    by_place = models.JSONField(default=list, help_text="Of who is next first, a newcomer last: (mean, 10th, 50th, 90th percentile in s, 1 if there was room).")
    guess = models.BooleanField(default=False, help_text="From so few handoffs that it is said to be a guess.")
    stretch_low = models.FloatField(default=1.1)
    stretch_high = models.FloatField(default=1.1)

    def __str__(self) -> str:
        return f"{self.team} at {self.made_at}"


class WaitEstimate(models.Model):
    """One promise: what was drawn when it was made (seconds from `told_at`), what of it was told, how it looks now, and how the wait ended."""

    class Why(models.TextChoices):
        FIRST = "first"
        LATER = "later"
        EARLIER = "earlier"

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="estimates")
    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    since = models.DateTimeField(help_text="The wait it belongs to.")
    why = models.CharField(max_length=8, choices=Why.choices, default=Why.FIRST)
    told_at = models.DateTimeField()
    mean = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    told_low = models.FloatField()
    told_high = models.FloatField()
    guess = models.BooleanField(default=False)
    room = models.BooleanField(default=False, help_text="Somebody had room when they came.")
    promised_at = models.DateTimeField()
    said = models.BooleanField(default=True, help_text="The customer heard of it.")
    made_at = models.DateTimeField(help_text="When it was looked at last; `place`, `now_low` and `now_high` are of then.")
    place = models.PositiveIntegerField(default=1)
    now_low = models.FloatField(null=True)
    now_high = models.FloatField(null=True)
    current = models.BooleanField(default=True)
    broken = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    left = models.BooleanField(null=True, help_text="Without an agent; unknown when it ended otherwise.")
    counts = models.FloatField(default=1.0, help_text="For so many who would have waited as long, most of whom left.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handoff"], condition=Q(current=True), name="one_current_estimate")]
        indexes = [
            models.Index(fields=["team"], condition=Q(current=True), name="estimate_current"),
            models.Index(fields=["team", "ended_at"], condition=Q(ended_at__isnull=False), name="estimate_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.handoff_id} by {self.promised_at} ({self.why})"
