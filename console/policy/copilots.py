"""Copilots as the policy page shows them: what each may answer alone, and what agents made of its drafts."""

from typing import Any

from console.policy.form import Form
from handoffs import copilot
from handoffs.models import Assistant
from handoffs.policy import Policy

INTENTS_SHOWN = 12


def copilots_now(policy: Policy, form: Form) -> list[dict[str, Any]]:
    """Every assistant: the copilots first, then those that answer customers themselves."""
    return [_row(assistant, policy, form) for assistant in Assistant.objects.order_by("-copilot", "name", "code")]


def _row(assistant: Assistant, policy: Policy, form: Form) -> dict[str, Any]:
    alone = assistant.code in policy.autonomy
    found = copilot.checked(assistant) if assistant.copilot or alone else []
    return {"assistant": assistant, "shown": assistant.copilot or alone, "field": form[f"autonomy.{assistant.code}"],
            "rows": [(row, policy.lets_answer(assistant.code, row.intent)) for row in found[:INTENTS_SHOWN]], "more": len(found[INTENTS_SHOWN:])}
