"""The policy: thresholds and lists of topics. Values only; versions are rows."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from handoffs.defaults import COMPLIANCE, HIGH_STAKES, HUMANS_ONLY, OUT_OF_SCOPE
from handoffs.topics import Topic as Topic

Intent = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=100)]
ANY = "*"
# Seconds: further ahead than this a calendar ends sooner or later.
YEAR = 365 * 24 * 3600


class Limits(BaseModel):
    """Between which confidences one clarifying question is asked: a person below `clarify_at`, an answer from `answer_at` on.

    `accepted_wrong`, a share, is what the limits were found for; None when somebody set them by hand.
    """

    # No database keeps an infinite number in JSON.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    answer_at: float = Field(0.85, ge=0, le=1)
    clarify_at: float = Field(0.75, ge=0, le=1)
    accepted_wrong: float | None = Field(None, gt=0, lt=1)

    @model_validator(mode="after")
    def bands_in_order(self) -> Self:
        if self.clarify_at > self.answer_at:
            raise ValueError("clarify_at must not be above answer_at")
        return self


class Policy(Limits):
    """Everything a supervisor may decide. Shares are 0..1, times are seconds, money is in the firm's own currency."""

    limits: dict[str, Limits] = Field(default_factory=dict)  # an intent's own, by its code
    # What a copilot may answer without an agent, by the assistant's code; ANY stands for everything, words without an intent too.
    autonomy: dict[str, Annotated[tuple[Intent, ...], Field(max_length=200)]] = Field(default_factory=dict, max_length=100)
    calibrated: bool = False  # use what an outside assistant's confidence has turned out to be worth
    shadow_share: float = Field(0.0, ge=0, le=1)  # of what is handed off, how much the assistant also drafts for people to judge
    humans_only: tuple[Topic, ...] = HUMANS_ONLY  # what the team itself keeps for people
    out_of_scope: tuple[Topic, ...] = OUT_OF_SCOPE  # what no assistant's knowledge covers
    compliance: tuple[Topic, ...] = COMPLIANCE  # what rules forbid an assistant to advise on
    high_stakes: tuple[Topic, ...] = HIGH_STAKES  # what is dear or cannot be undone
    refund_above: float = Field(100, ge=0)
    mood_falls: int = Field(2, ge=2, le=10)  # customer turns in a row
    same_question_limit: int = Field(3, ge=2, le=10)
    no_progress_limit: int = Field(2, ge=2, le=10)
    silent_after: int = Field(30, ge=1, le=YEAR)
    check_in_every: int = Field(90, ge=1, le=YEAR)
    phrases_check_ins: bool = False  # by the language model, where one is configured
    attends_waiting: bool = True  # the assistant may speak to customers who wait
    remind_before: int = Field(900, ge=0, le=YEAR)  # of a callback
    wrap_up_for: int = Field(24 * 3600, ge=60, le=YEAR)  # after a handback
    turns_a_minute: int = Field(30, ge=1, le=1000)  # of one customer that are judged one by one
    address_good_for: int = Field(90 * 24 * 3600, ge=3600, le=YEAR)  # after a conversation was closed
    undo_for: int = Field(8, ge=0, le=YEAR)
    agent_grace: int = Field(60, ge=0, le=YEAR)
    answer_within: int = Field(600, ge=0, le=YEAR)  # of who has the conversation, to a customer on their page; 0: whenever
    answer_letters_within: int = Field(4 * 3600, ge=0, le=YEAR)  # the same by mail or message
    close_after: int = Field(24 * 3600, ge=60, le=YEAR)
    wait_samples: int = Field(20, ge=1, le=1000)  # of older versions' policies; the estimate says by itself how much it has to go by
    offer_for: int = Field(30, ge=5, le=600)  # seconds a handoff is held for the agent it is offered to
    away_after_misses: int = Field(2, ge=1, le=10)  # offers missed in a row
    alarm_after_offers: int = Field(3, ge=1, le=20)  # that came to nothing
    away_when_idle: int = Field(0, ge=0, le=YEAR)  # seconds without a key or a pointer; 0 never

    def limits_of(self, intent: str) -> Limits:
        return self.limits.get(intent.lower(), self)

    def lets_answer(self, assistant: str, intent: str) -> bool:
        """Whether a copilot may say it to the customer itself."""
        alone = self.autonomy.get(assistant, ())
        return ANY in alone or intent.strip().lower() in alone
