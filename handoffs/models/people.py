"""Who takes part: teams and their agents, assistants and their keys, and customers."""

import hashlib
import secrets

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from handoffs import clock, dispatch, hours
from handoffs.hours import Hours

LIGHTEST, HEAVIEST = 0.1, 10.0


def _check_levels(row: models.Model, *fields: str) -> None:
    """Raises ValidationError for whatever reading would pass over."""
    for field in fields:
        stored = getattr(row, field)
        if not isinstance(stored, dict) or len(dispatch.levels(stored)) != len(stored):
            example = '{"es": 4, "pt": 3}' if field == "languages" else '{"refunds": 3}'
            raise ValidationError({field: f"Names with levels 1 to 5, as {example}, or {{}} for none."})


class Team(models.Model):
    """Where handoffs wait. Customers only ever read `public_name`."""

    class Tone(models.TextChoices):
        PLAIN = "plain"
        WARM = "warm"
        FORMAL = "formal"

    code = models.SlugField(unique=True)
    name = models.CharField(max_length=80)
    public_name = models.CharField(max_length=80)
    promise = models.PositiveIntegerField(default=300, help_text="Seconds within which a person should claim.")
    general = models.BooleanField(default=False, help_text="Takes what no other team covers.")
    intents = models.JSONField(default=list, blank=True)
    keywords = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True, help_text='Codes, as ["es", "pt"]: it takes these alone. Empty: any language.')
    push = models.BooleanField(default=False, help_text="Offer handoffs to agents, one at a time. Otherwise agents claim from the list.")
    time_zone = models.CharField(max_length=64, blank=True, help_text="Of its hours, as Europe/Paris. Empty: the installation's.")
    hours = models.JSONField(default=dict, blank=True, help_text='As {"mon": [["09:00", "17:00"]]}. Empty: always open.')
    holidays = models.JSONField(default=list, blank=True, help_text='Days it is closed, as ["2026-12-25"].')
    overflow_team = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="+", help_text="Takes what waits while nobody is here.")
    tone = models.CharField(max_length=12, choices=Tone.choices, default=Tone.PLAIN, help_text="How customers are spoken to while they wait.")
    callback_every = models.PositiveSmallIntegerField(default=30, help_text="Minutes from one time for a callback to the next.")
    callback_limit = models.PositiveSmallIntegerField(default=2, help_text="Callbacks at one time; 0: none are offered.")
    overflow_after = models.PositiveIntegerField(default=120, help_text="Seconds with nobody here until then.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["general"], condition=Q(general=True), name="one_general_team")]

    def __str__(self) -> str:
        return self.name

    @property
    def opening_hours(self) -> Hours:
        """Its hours as far as they can be read, by its own clock."""
        return hours.read(self.hours, self.holidays, self.time_zone, timezone.get_default_timezone())

    def clean(self) -> None:
        """Raises ValidationError: each handoff is routed by these words, so one that is none would stop them all."""
        for field in ("intents", "keywords", "languages"):
            words = getattr(self, field)
            if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
                raise ValidationError({field: 'A list of words, as ["refund", "invoice"], or [] for none.'})
        found = hours.wrong(self.hours, self.holidays, self.time_zone)
        if self.pk and self.overflow_team_id == self.pk:
            found["overflow_team"] = "Another team, or none."
        if found:
            raise ValidationError(found)


class Demand(models.Model):
    """What handoffs of an intent ask of an agent: how much of their room, and which skills at which level."""

    intent = models.CharField(max_length=100, unique=True)
    weight = models.FloatField(default=1.0, help_text="1 is the room of an ordinary handoff.")
    skills = models.JSONField(default=dict, blank=True, help_text='Least levels 1 to 5, as {"refunds": 2}.')

    def __str__(self) -> str:
        return self.intent

    def clean(self) -> None:
        """Raises ValidationError when the weight is no share of anybody's room or a skill has no level."""
        self.intent = self.intent.strip().lower()
        if not LIGHTEST <= (self.weight or 0) <= HEAVIEST:
            raise ValidationError({"weight": f"From {LIGHTEST:g} to {HEAVIEST:g}; 1 is an ordinary handoff."})
        _check_levels(self, "skills")


class Agent(AbstractUser):
    """A person in the console; a supervisor is one who also watches queues and sets policy."""

    class Status(models.TextChoices):
        """Available: is given work. Busy: here, claims what they like, is given nothing. Away: keeps what they have."""

        AVAILABLE = "available"
        BUSY = "busy"
        AWAY = "away"

    teams = models.ManyToManyField(Team, related_name="agents", blank=True)
    is_supervisor = models.BooleanField(default=False)
    capacity = models.PositiveSmallIntegerField(default=4)
    skills = models.JSONField(default=dict, blank=True, help_text='With levels 1 to 5, as {"refunds": 3}.')
    languages = models.JSONField(default=dict, blank=True, help_text='Codes with levels 1 to 5, as {"es": 4}. Empty: any language.')
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.AVAILABLE)
    status_why = models.CharField(max_length=80, blank=True, help_text="The rule that set it; empty when the agent did.")
    status_since = models.DateTimeField(default=clock.now)
    leaves_at = models.DateTimeField(null=True, blank=True, help_text="They said they are here until then; over once it is past.")
    back_at = models.DateTimeField(null=True, blank=True, help_text="Away, they said they are back then; over once it is past.")
    missed_offers = models.PositiveSmallIntegerField(default=0, help_text="In a row.")
    given_at = models.DateTimeField(null=True, blank=True, help_text="When they last got a handoff.")
    lease_until = models.DateTimeField(null=True, blank=True, help_text="Present until then, unless renewed.")
    preferences = models.JSONField(default=dict, blank=True, help_text="Their keys, sounds and notifications, as they changed them.")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def clean(self) -> None:
        """Raises ValidationError when a skill or a language has no level: nobody could tell what the agent may take."""
        super().clean()
        _check_levels(self, "skills", "languages")

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
    copilot = models.BooleanField(default=False, help_text="Its answers are drafts for an agent, save where the policy lets it answer.")

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
    phone = models.CharField(max_length=32, blank=True, default="", db_default="", help_text="As +447700900123.")
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
        """As agents read it within a sentence."""
        return self.name.split()[0] if self.name.strip() else "the customer"

    @property
    def initials(self) -> str:
        words = self.name.split()
        return ("".join(word[0] for word in (words[0], words[-1])) if len(words) > 1 else self.name[:2] or "C").upper()
