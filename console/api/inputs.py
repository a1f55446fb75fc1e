"""What callers may send: every field, its type and its limit. Unknown fields are refused by name."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError as NotAnEmail
from django.core.validators import validate_email
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StringConstraints, model_validator

from handoffs import clock
from handoffs.snapshots import LONGEST_TEXT

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
LARGEST = 2**31 - 1


def _fits(text: str) -> str:
    size = len(text.encode())
    if size > LONGEST_TEXT:
        raise ValueError(f"has {size} bytes; a turn may have {LONGEST_TEXT}")
    return text


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _is_iso(value: Any) -> Any:
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("must be a date and time with an offset, as 2031-05-04T09:30:00Z")
    return value


def _is_sane(value: datetime) -> datetime:
    if not EARLIEST <= value <= clock.now() + AHEAD:
        raise ValueError("must be after 1999 and not in the future")
    return value


def _is_email(text: str) -> str:
    try:
        validate_email(text)
    except NotAnEmail:
        raise ValueError("must be an e-mail address") from None
    return text


def _is_web(text: str) -> str:
    if not re.match(r"https?://[^\s/]", text, re.IGNORECASE):
        raise ValueError("must begin with https:// or http://")
    return text


Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Number = Annotated[StrictInt, Field(ge=0, le=LARGEST)]
Text = Annotated[str, AfterValidator(_fits)]
Words = Annotated[Text, AfterValidator(_says_something)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_says_something)]
Code = Annotated[str, StringConstraints(max_length=100)]
ClientId = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Note = Annotated[str, StringConstraints(max_length=4000)]
Ahead = Annotated[AwareDatetime, BeforeValidator(_is_iso)]
Moment = Annotated[AwareDatetime, BeforeValidator(_is_iso), AfterValidator(_is_sane)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_is_email)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")]
Address = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_is_web)]
Records = Annotated[list[dict[str, Any] | str], Field(max_length=200)]


class Input(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Customer(Input):
    external_id: Name = Field(description="Yours; the same id is the same customer.")
    name: Annotated[str, StringConstraints(max_length=200)] | None = None
    email: Email | None = None
    phone: Phone | None = Field(None, examples=["+447700900123"])
    tier: Annotated[str, StringConstraints(max_length=40)] | None = Field(None, examples=["plus"])
    account: dict[str, Any] | None = None
    orders: Records | None = None
    tickets: Records | None = None

    @property
    def known(self) -> dict[str, Any]:
        """The fields that were given; null counts as not given."""
        return self.model_dump(exclude_none=True)


class NewConversation(Input):
    external_id: Name = Field(description="Yours; sent again, it names the same conversation.")
    medium: Annotated[str, StringConstraints(max_length=20)] | None = Field(
        None, description='"web", the customer\'s page, "email", "webhook", "sms" or "whatsapp".')
    assistant: Annotated[str, StringConstraints(max_length=50)] | None = Field(None, description='Who answers: left out, you; "front_desk", the built-in one.')
    language: Annotated[str, StringConstraints(max_length=20)] | None = None
    customer: Customer

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "external_id": "chat-881",
                "customer": {"external_id": "u-17", "name": "Amara Osei", "tier": "plus", "account": {"plan": "Family"}, "orders": [{"id": "A-20817"}]},
            }
        },
    )


class Source(Input):
    title: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    url: Address | None = None
    text: Annotated[str, StringConstraints(max_length=8000)] | None = Field(None, description="What it says; without it nothing is checked.")


class Attempt(Input):
    step: Name
    detail: Note | None = None
    outcome: Literal["done", "failed", "refused", "unknown"]
    shown: StrictBool = False


class Failure(Input):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class NewTurn(Input):
    """One thing said. From `heard` on, the fields belong to an assistant's turn."""

    author: Literal["customer", "assistant"]
    text: Text = Field(description="At most 16,384 bytes in UTF-8. An assistant's may be empty only with `failed`.")
    client_id: ClientId = Field(description="Yours; sent again, it names the same turn.")
    at: Moment | None = None
    epoch: Number | None = Field(None, description="The epoch you saw. Customers' words are taken whatever it is.")
    heard: Number | None = Field(None, description="The last turn you had read: what the customer has said since stays owed an answer.")
    confidence: Share | None = None
    intent: Code | None = Field(None, description="Used on customers' turns too.")
    intent_confidence: Share | None = None
    sources: Annotated[list[Source], Field(max_length=20)] | None = None
    attempts: Annotated[list[Attempt], Field(max_length=50)] | None = None
    facts: dict[str, Any] | None = None
    clarifying: StrictBool = False
    failed: Failure | None = None
    meanwhile: Literal["answer", "solution"] | None = Field(
        None, description="While the customer waits for a person: said in passing, or offered as the solution, which only their own yes makes one.")

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"author": "customer", "text": "I was charged twice for A-20817.", "client_id": "m-1"},
                {"author": "assistant", "text": "It will be refunded today.", "client_id": "m-2", "epoch": 1, "confidence": 0.62, "intent": "refund",
                 "attempts": [{"step": "Look up the order", "outcome": "done"}, {"step": "Refund", "detail": "over the limit", "outcome": "refused"}]},
            ]
        },
    )

    @model_validator(mode="after")
    def says_something(self) -> "NewTurn":
        if not self.text.strip() and not (self.author == "assistant" and self.failed):
            raise ValueError("text must not be empty")
        return self

    @model_validator(mode="after")
    def loses_nothing(self) -> "NewTurn":
        # Confidence, sources and the like mean nothing on a customer's turn and are dropped; these would be lost.
        lost = [name for name in ("attempts", "facts", "failed") if self.author == "customer" and getattr(self, name)]
        if lost:
            raise ValueError(f"{lost[0]} belongs to an assistant's turn")
        return self


class LeaveLine(Input):
    """What the customer has said they want. Never to be decided for them."""

    wish: Literal["solved", "assistant", "nothing"] = Field(description="Yes to your offered solution; back to the assistant; no more need of anybody.")
    turn: Number | None = Field(None, description='The number of the solution they said yes to; needed with "solved".')
    epoch: Number | None = Field(None, description="The epoch you saw; a stale one is refused.")


class NewCallback(Input):
    """What the customer has chosen. Never to be decided for them."""

    at: Ahead = Field(description="One of the times that can be had.")
    phone: Annotated[str, StringConstraints(max_length=32)] | None = Field(None, description="As people write it; without one the team comes into the chat.")
    email: Email | None = Field(None, description="What is said while our page is not open is mailed there; medium webhook: of the callback alone.")
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = Field(None, examples=["Europe/Madrid"], description="The customer's.")
    epoch: Number | None = Field(None, description="The epoch you saw; a stale one is refused.")


class NewHandoff(Input):
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(_says_something)]
    note: Note | None = None
    intent: Code | None = None
    urgency: Literal["low", "normal", "high", "urgent"] | None = None
    epoch: Number | None = None

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"reason": "Wants an exception to the return policy", "urgency": "normal"}})


class Act(Input):
    """Anything an agent does to a handoff may name the epoch it saw."""

    epoch: Number | None = Field(None, description="The epoch you saw; a stale one is refused.")


class Release(Act):
    note: Note | None = None


class Transfer(Act):
    team: Annotated[str, StringConstraints(min_length=1, max_length=50)] = Field(description="The team's code.")
    note: Note | None = None


class HandBack(Act):
    resolution: Text | None = Field(None, description="What was done, a line each; the customer reads it.")
    heard: Number | None = Field(None, description="The last turn you have read: when the customer has written since, it is refused.")


class Resolve(HandBack):
    hand_back: StrictBool = Field(True, description="Whether the assistant takes over for the wrap-up; otherwise the conversation closes.")


class Settle(Act):
    heard: Number | None = Field(None, description="The last turn you have read: what was said since is owed an answer all the same.")


class Snooze(Act):
    until: Ahead = Field(description="Within the next 14 days.")
    tell: StrictBool = Field(True, description="Whether the customer hears by when.")


class Reply(Act):
    text: Words
    client_id: ClientId | None = Field(None, description="Yours; sent again, it names the same turn.")
