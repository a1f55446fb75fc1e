"""Conversations, what was said in them, and what assistants proposed and tried."""

from uuid import uuid4

from django.db import models
from django.db.models import Q

from handoffs import clock
from handoffs.models.choices import choices
from handoffs.models.people import Agent, Assistant, Customer, Team
from handoffs.snapshots import Action, Author, Mood, Outcome
from handoffs.states import Owner


class Conversation(models.Model):
    """One thread with one customer. It belongs to exactly one owner; each change of owner raises `epoch`."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    assistant = models.ForeignKey(Assistant, models.PROTECT, related_name="conversations")
    answered_by = models.ForeignKey(Assistant, models.PROTECT, related_name="+", help_text="The assistant who answers.")
    external_id = models.CharField(max_length=200)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="conversations")
    medium = models.CharField(max_length=20, default="web")
    language = models.CharField(max_length=20, blank=True)
    chosen_language = models.CharField(max_length=20, blank=True, default="", db_default="", help_text="Chosen by the customer on their page.")
    browser_language = models.CharField(max_length=20, blank=True, default="", db_default="", help_text="What the customer's browser asks for.")
    wished_team = models.CharField(max_length=50, blank=True, default="", db_default="", help_text="Where it goes when no team fits better: a code.")
    owner = models.CharField(max_length=12, choices=choices(Owner), default=Owner.ASSISTANT)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    epoch = models.PositiveIntegerField(default=1)
    last_number = models.PositiveIntegerField(default=0)
    assistant_since = models.PositiveIntegerField(default=0, help_text="The assistant took over after this turn.")
    reply_due_at = models.DateTimeField(null=True, blank=True, help_text="When a built-in assistant is to answer.")
    silence_due_at = models.DateTimeField(null=True, blank=True, help_text="When owing an answer becomes a failure.")
    reply_by_email = models.EmailField(max_length=254, blank=True, help_text="Left by the customer for when they are away.")
    reply_failed_at = models.DateTimeField(null=True, blank=True, help_text="When it turned out that what is sent does not arrive.")
    reply_failed_why = models.CharField(max_length=200, blank=True, default="", db_default="")
    reply_by_phone = models.CharField(max_length=32, blank=True, help_text="Left by the customer for a callback.")
    time_zone = models.CharField(max_length=64, blank=True, help_text="The customer's, as their browser says it.")
    page_open_until = models.DateTimeField(null=True, blank=True, help_text="The customer's page is open until then.")
    held_from = models.PositiveIntegerField(null=True, blank=True, help_text="Words from this turn on came too fast to be judged one by one.")
    held_due_at = models.DateTimeField(null=True, blank=True, help_text="When they are judged together.")
    customer_seen = models.PositiveIntegerField(default=0, help_text="The last turn the customer's page has shown.")
    agent_seen = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)
    last_turn_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assistant", "external_id"], name="one_conversation_per_external_id"),
            models.CheckConstraint(
                condition=Q(owner=Owner.TEAM, team__isnull=False, agent__isnull=True)
                | Q(owner=Owner.AGENT, agent__isnull=False)
                | Q(owner__in=[Owner.ASSISTANT, Owner.NOBODY], team__isnull=True, agent__isnull=True),
                name="conversation_has_one_owner",
            ),
        ]
        indexes = [
            models.Index(fields=["silence_due_at"], condition=Q(silence_due_at__isnull=False), name="conversation_silence"),
            models.Index(fields=["reply_due_at"], condition=Q(reply_due_at__isnull=False), name="conversation_reply"),
            models.Index(fields=["held_due_at"], condition=Q(held_due_at__isnull=False), name="conversation_held"),
            models.Index(fields=["owner", "last_turn_at"], name="conversation_idle"),
        ]

    def __str__(self) -> str:
        return f"{self.customer} ({self.id})"


class Turn(models.Model):
    """One thing said, numbered 1..n within its conversation. Never renumbered, never a gap."""

    class Kind(models.TextChoices):
        MESSAGE = "message"
        HANDED_OFF = "handed_off"
        CHECK_IN = "check_in"
        JOINED = "joined"
        MOVED = "moved"
        RETURNED = "returned"
        HANDED_BACK = "handed_back"
        CLOSED = "closed"
        # An assistant to a customer who waits: in passing, and with what may solve it.
        MEANWHILE = "meanwhile"
        SOLUTION = "solution"
        BOOKED = "booked"
        NOTICE = "notice"
        FILE = "file"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=12, choices=choices(Author))
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.MESSAGE)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=clock.now)
    client_id = models.CharField(max_length=100, blank=True)
    mood = models.CharField(max_length=12, choices=choices(Mood), blank=True)
    tension = models.FloatField(null=True, blank=True)
    language = models.CharField(max_length=20, blank=True, help_text="Detected in the customer's words; empty when unknown.")
    intent = models.CharField(max_length=100, blank=True)
    intent_confidence = models.FloatField(null=True, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    sources = models.JSONField(default=list, blank=True)
    clarifying = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "number"], name="turns_are_numbered"),
            models.UniqueConstraint(
                fields=["conversation", "author", "client_id"], condition=~Q(client_id="") & Q(agent__isnull=True), name="turn_is_said_once"
            ),
            models.UniqueConstraint(fields=["conversation", "agent", "client_id"], condition=~Q(client_id=""), name="agent_says_it_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.author}: {self.text[:60]}"


class ProposalRecord(models.Model):
    """What an assistant proposed to say and what was decided; the turn exists only when it was delivered."""

    class Review(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        EDITED = "edited"
        REJECTED = "rejected"

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="proposals")
    after_number = models.PositiveIntegerField(default=0, help_text="The last turn said before this was proposed.")
    client_id = models.CharField(max_length=100)
    text = models.TextField(blank=True)
    confidence = models.FloatField(null=True, blank=True)
    intent = models.CharField(max_length=100, blank=True)
    intent_confidence = models.FloatField(null=True, blank=True)
    failed = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)
    sources = models.JSONField(default=list, blank=True)
    clarifying = models.BooleanField(default=False)
    shadow = models.BooleanField(default=False, help_text="Drafted after a handoff for people to judge; never said.")
    review = models.CharField(max_length=8, choices=Review.choices, blank=True, help_text="What an agent made of a copilot's draft; empty: no draft.")
    reviewed_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    action = models.CharField(max_length=12, choices=choices(Action))
    trigger = models.CharField(max_length=40, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    turn = models.OneToOneField(Turn, models.SET_NULL, null=True, blank=True, related_name="proposal")
    handoff = models.ForeignKey("Handoff", models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "client_id"], name="proposal_is_judged_once")]

    def __str__(self) -> str:
        return f"{self.action}: {self.text[:60]}"


class Attempt(models.Model):
    """One step the assistant tried, with what came of it."""

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="attempts")
    after_number = models.PositiveIntegerField(help_text="The last turn said before this step.")
    step = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    outcome = models.CharField(max_length=8, choices=choices(Outcome), default=Outcome.UNKNOWN)
    shown = models.BooleanField(default=False)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.step}: {self.outcome}"
