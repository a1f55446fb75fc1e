"""What is stored: conversations, what was said and tried in them, handoffs with their steps, and who takes part."""

import hashlib
import secrets
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from handoffs.policy import Policy
from handoffs.snapshots import Action, Author, Brief, Mood, Outcome, Trend
from handoffs.states import OPEN, Owner, State


def choices(values: type[Any]) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ")) for value in values]


class Team(models.Model):
    """Where handoffs wait. Customers only ever read `public_name`."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    public_name = models.CharField(max_length=80)
    promise = models.PositiveIntegerField(default=300, help_text="Seconds within which a person should claim.")
    general = models.BooleanField(default=False, help_text="Takes what no other team covers.")
    intents = models.JSONField(default=list, blank=True)
    keywords = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["general"], condition=Q(general=True), name="one_general_team")]

    def __str__(self) -> str:
        return self.name


class Agent(AbstractUser):
    """A person in the console; a supervisor is one who also watches queues and sets policy."""

    teams = models.ManyToManyField(Team, related_name="agents", blank=True)
    is_supervisor = models.BooleanField(default=False)
    capacity = models.PositiveSmallIntegerField(default=4)
    available = models.BooleanField(default=True)
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Present until then, unless renewed.")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def public_name(self) -> str:
        return self.first_name or self.username

    @property
    def initials(self) -> str:
        return ((self.first_name[:1] + self.last_name[:1]) or self.username[:2]).upper()


class Assistant(models.Model):
    """An AI assistant that talks to us: an outside one with a key, or a built-in one (`plugin` names its file)."""

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80, help_text="What customers read.")
    plugin = models.SlugField(blank=True)

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key belongs to one assistant or to one agent; only its hash is kept."""

    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    assistant = models.ForeignKey(Assistant, models.CASCADE, null=True, blank=True, related_name="keys")
    agent = models.ForeignKey(Agent, models.CASCADE, null=True, blank=True, related_name="keys")
    made_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(assistant__isnull=False, agent__isnull=True) | Q(assistant__isnull=True, agent__isnull=False),
                name="key_belongs_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.prefix}…"

    @staticmethod
    def digest_of(secret: str) -> str:
        # A key is 256 random bits, so a plain SHA-256 cannot be guessed backwards.
        return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()

    @classmethod
    def make(cls, *, assistant: Assistant | None = None, agent: Agent | None = None) -> str:
        """Store a new key and return its secret, which is never shown again."""
        secret = f"bk_{secrets.token_urlsafe(32)}"
        cls.objects.create(prefix=secret[:8], digest=cls.digest_of(secret), assistant=assistant, agent=agent)
        return secret


class Customer(models.Model):
    """The person who wrote in, as one assistant's side knows them."""

    assistant = models.ForeignKey(Assistant, models.PROTECT, related_name="customers")
    external_id = models.CharField(max_length=200)
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    tier = models.CharField(max_length=40, blank=True)
    account = models.JSONField(default=dict, blank=True)
    orders = models.JSONField(default=list, blank=True)
    tickets = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assistant", "external_id"], name="one_customer_per_external_id")]

    def __str__(self) -> str:
        return self.name or "Customer"

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.strip() else "The customer"

    @property
    def initials(self) -> str:
        words = self.name.split()
        return ("".join(word[0] for word in (words[0], words[-1])) if len(words) > 1 else self.name[:2] or "C").upper()


class Conversation(models.Model):
    """One thread with one customer. It belongs to exactly one owner; each change of owner raises `epoch`."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    assistant = models.ForeignKey(Assistant, models.PROTECT, related_name="conversations")
    answered_by = models.ForeignKey(Assistant, models.PROTECT, related_name="+", help_text="The assistant who answers.")
    external_id = models.CharField(max_length=200)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="conversations")
    medium = models.CharField(max_length=20, default="web")
    language = models.CharField(max_length=20, blank=True)
    owner = models.CharField(max_length=12, choices=choices(Owner), default=Owner.ASSISTANT)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    epoch = models.PositiveIntegerField(default=1)
    last_number = models.PositiveIntegerField(default=0)
    assistant_since = models.PositiveIntegerField(default=0, help_text="The assistant took over after this turn.")
    reply_due_at = models.DateTimeField(null=True, blank=True, help_text="When a built-in assistant is to answer.")
    silence_due_at = models.DateTimeField(null=True, blank=True, help_text="When owing an answer becomes a failure.")
    reply_by_email = models.EmailField(max_length=254, blank=True, help_text="Left by the customer for when they are away.")
    page_open_until = models.DateTimeField(null=True, blank=True, help_text="The customer's page is open until then.")
    customer_seen = models.PositiveIntegerField(default=0, help_text="The last turn the customer's page has shown.")
    agent_seen = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    last_turn_at = models.DateTimeField(default=timezone.now)
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

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="turns")
    number = models.PositiveIntegerField()
    author = models.CharField(max_length=12, choices=choices(Author))
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.MESSAGE)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    client_id = models.CharField(max_length=100, blank=True)
    mood = models.CharField(max_length=12, choices=choices(Mood), blank=True)
    tension = models.FloatField(null=True, blank=True)
    intent = models.CharField(max_length=100, blank=True)
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

    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="proposals")
    client_id = models.CharField(max_length=100)
    text = models.TextField(blank=True)
    confidence = models.FloatField(null=True, blank=True)
    intent = models.CharField(max_length=100, blank=True)
    intent_confidence = models.FloatField(null=True, blank=True)
    failed = models.TextField(blank=True)
    facts = models.JSONField(default=dict, blank=True)
    sources = models.JSONField(default=list, blank=True)
    action = models.CharField(max_length=12, choices=choices(Action))
    trigger = models.CharField(max_length=40, blank=True)
    evidence = models.JSONField(default=dict, blank=True)
    turn = models.OneToOneField(Turn, models.SET_NULL, null=True, blank=True, related_name="proposal")
    handoff = models.ForeignKey("Handoff", models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

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
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.step}: {self.outcome}"


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
    mood = models.CharField(max_length=12, choices=choices(Mood), default=Mood.NEUTRAL)
    trend = models.CharField(max_length=8, choices=choices(Trend), default=Trend.STEADY)
    goal = models.CharField(max_length=200, blank=True)
    intent = models.CharField(max_length=100, blank=True)
    priority = models.PositiveSmallIntegerField(default=4)
    routed_because = models.CharField(max_length=200, blank=True)
    rank_at = models.DateTimeField(help_text="The queue's order: the earliest is next.")
    created_at = models.DateTimeField(default=timezone.now)
    waiting_since = models.DateTimeField(default=timezone.now)
    promise_due_at = models.DateTimeField()
    first_place = models.PositiveIntegerField(default=1)
    told_place = models.PositiveIntegerField(default=0)
    check_ins = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    first_reply_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    resolution = models.TextField(blank=True, help_text="What the agent did, a line each; the customer reads it.")
    hands_back = models.BooleanField(default=True, help_text="Whether resolving gives the conversation back.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="When the sweep must look at it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation"], condition=Q(state__in=sorted(OPEN)), name="one_open_handoff"),
            models.CheckConstraint(condition=~Q(state__in=sorted(OPEN)) | Q(due_at__isnull=False), name="open_handoff_is_due"),
            models.CheckConstraint(condition=~Q(state__in=[State.CLAIMED, State.RESOLVED]) | Q(agent__isnull=False), name="claimed_has_agent"),
        ]
        indexes = [
            models.Index(fields=["state", "team", "rank_at"], name="handoff_queue"),
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="handoff_due"),
            models.Index(fields=["team", "claimed_at"], name="handoff_waits"),
            models.Index(fields=["agent", "state"], name="handoff_load"),
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


class Step(models.Model):
    """One audit row of a handoff: what happened, who did it, when."""

    handoff = models.ForeignKey(Handoff, models.CASCADE, related_name="steps")
    verb = models.CharField(max_length=20)
    agent = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=20, help_text="customer, assistant, agent, supervisor or baton")
    at = models.DateTimeField(default=timezone.now)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.verb} by {self.by}"


class PolicyVersion(models.Model):
    """One version of the policy; the newest is in force."""

    body = models.JSONField(default=dict, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(Agent, models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"policy {self.pk}"

    @classmethod
    def in_force(cls) -> Policy:
        newest = cls.objects.order_by("-pk").values_list("body", flat=True).first()
        return Policy.model_validate(newest or {})


class Survey(models.Model):
    """The customer's two answers after a handoff."""

    class Repeated(models.TextChoices):
        NO = "no"
        LITTLE = "a_little"
        YES = "yes"

    handoff = models.OneToOneField(Handoff, models.CASCADE, related_name="survey")
    repeated = models.CharField(max_length=8, choices=Repeated.choices, blank=True)
    help = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 (bad) to 5 (great)")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.repeated} {self.help}"


class Letter(models.Model):
    """A turn that must also reach the customer by e-mail; the row is the queue."""

    turn = models.OneToOneField(Turn, models.CASCADE, related_name="letter")
    to = models.EmailField(max_length=254)
    due_at = models.DateTimeField(default=timezone.now)
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
    at = models.DateTimeField(default=timezone.now)

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
    def beat(cls, name: str) -> datetime:
        now = timezone.now()
        cls.objects.update_or_create(name=name, defaults={"at": now})
        return now


