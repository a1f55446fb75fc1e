"""Webhooks out, by the Standard Webhooks convention: endpoints with secrets, deliveries that are tried again, and what is wrong with them."""

from handoffs.webhooks.endpoints import Unfit, check, make, pause, replay, resume, rotate, secrets
from handoffs.webhooks.sending import tidy, work
from handoffs.webhooks.troubles import problems

__all__ = ["Unfit", "check", "make", "pause", "problems", "replay", "resume", "rotate", "secrets", "tidy", "work"]
