"""Canned replies: kept by teams, filled from what a handoff knows, and changed without undoing each other's work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from handoffs import clock
from handoffs.briefing.fields import BY_CODE
from handoffs.models import Agent, CannedReply, Handoff, Team
from handoffs.transitions import Forbidden

VARIABLE = re.compile(r"\{\{\s*+([^{}]{0,59}[^{}\s])\s*\}\}")
SHORTCUT = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_VALUE = 200
LONGEST = {"shortcut": 40, "title": 80, "text": 4000}


class Behind(Forbidden):
    """Somebody changed or deleted the reply since the writer saw it."""

    def __init__(self) -> None:
        super().__init__("somebody changed this reply while you had it open")


class Unfit(ValueError):
    """It cannot be kept like this; `errors` has words for each field by its name."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("some of this cannot be saved yet")
        self.errors = dict(errors)


@dataclass(frozen=True)
class Filled:
    """A reply as it would be sent. `gaps` are the places nobody knows a value for, as they stand in `text`: "[order number]"."""

    reply: CannedReply
    text: str
    gaps: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """What somebody typed into the form of a reply; `team` is a code, empty for every team."""

    team: str = ""
    shortcut: str = ""
    title: str = ""
    text: str = ""


def fill(text: str, values: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """The text with each `{{ name }}` replaced, and its gaps. Nothing in a template or a value is ever run, and values are not filled again."""
    gaps: list[str] = []

    def value(found: re.Match[str]) -> str:
        name = _name(found[1])
        if name not in values:
            gaps.append(f"[{name}]")
        return values.get(name, f"[{name}]")

    return VARIABLE.sub(value, text), tuple(dict.fromkeys(gaps))


def values_of(handoff: Handoff, agent: Agent) -> dict[str, str]:
    """What variables stand for in this handoff: the customer's account, the brief's facts, and who is who. Secrets are left out."""
    conversation, brief = handoff.conversation, handoff.what_to_know
    customer = conversation.customer
    known = {name: value for name, value in customer.account.items() if isinstance(value, str | int | float)}
    facts = {fact.name: fact.value for fact in brief.facts if not (fact.name in BY_CODE and BY_CODE[fact.name].sensitive)}
    people = {"customer": customer.first_name if customer.name.strip() else "", "agent": agent.public_name, "goal": brief.goal,
              "team": handoff.team.public_name, "assistant": conversation.answered_by.name}
    everything = {"e-mail": customer.email, **known, **facts, **people}
    plain = {_name(name): " ".join(str(value).split())[:LONGEST_VALUE] for name, value in everything.items()}
    return {name: value for name, value in plain.items() if value}


def filled(handoff: Handoff, agent: Agent) -> list[Filled]:
    """What `/` offers in this handoff: its team's replies and those for every team; of one shortcut the team's own."""
    values = values_of(handoff, agent)
    rows = CannedReply.objects.filter(Q(team=handoff.team_id) | Q(team=None))
    by_shortcut = {row.shortcut: row for row in sorted(rows, key=lambda row: row.team_id is not None)}
    return [Filled(row, *fill(row.text, values)) for _, row in sorted(by_shortcut.items())]


def seen_by(agent: Agent) -> QuerySet[CannedReply]:
    """The replies an agent may use, those for every team first."""
    rows = CannedReply.objects.select_related("team", "changed_by").order_by("team_id", "shortcut")
    return rows if agent.is_supervisor else rows.filter(Q(team=None) | Q(team__in=agent.teams.all()))


def may_edit(agent: Agent, team: Team | None) -> bool:
    """Agents change their own teams' replies; leads all, and those for every team."""
    return agent.is_supervisor or (team is not None and agent.teams.filter(pk=team.pk).exists())


def mark(reply: CannedReply) -> str:
    """What a page notes of the reply it shows, to be refused when it has changed since."""
    return reply.changed_at.isoformat()


def save(by: Agent, written: Written, *, reply: CannedReply | None = None, seen: str = "") -> CannedReply:
    """Keep a new reply, or change one as the writer saw it. Raises Unfit, Forbidden, Behind."""
    columns = _columns(by, written)
    try:
        with transaction.atomic():
            if reply is None:
                return CannedReply.objects.create(**columns)
            _change(by, reply, seen, columns)
            return reply
    except IntegrityError:
        raise Unfit({"shortcut": f"{columns['team'] or 'Every team'} has /{written.shortcut} already."}) from None


def delete(by: Agent, reply: CannedReply, *, seen: str) -> None:
    """Raises Forbidden, Behind."""
    if not may_edit(by, reply.team):
        raise Forbidden("this reply belongs to another team")
    if mark(reply) != seen or not CannedReply.objects.filter(pk=reply.pk, changed_at=reply.changed_at).delete()[0]:
        raise Behind


def _change(by: Agent, reply: CannedReply, seen: str, columns: Mapping[str, object]) -> None:
    if not may_edit(by, reply.team):
        raise Forbidden("this reply belongs to another team")
    as_seen = CannedReply.objects.filter(pk=reply.pk, changed_at=reply.changed_at)
    if mark(reply) != seen or not as_seen.update(changed_at=clock.now(), **columns):
        raise Behind


def _columns(by: Agent, written: Written) -> dict[str, object]:
    errors = {name: words for name in LONGEST if (words := _wrong(name, getattr(written, name)))}
    team = Team.objects.filter(code=written.team).first() if written.team else None
    if written.team and team is None:
        errors["team"] = "Choose a team."
    elif not may_edit(by, team):
        errors["team"] = "Only leads keep replies for every team." if team is None else "You are not in this team."
    if errors:
        raise Unfit(errors)
    return {"team": team, "shortcut": written.shortcut, "title": written.title, "text": written.text, "changed_by": by}


def _wrong(name: str, text: str) -> str:
    if not text.strip():
        return "Fill this in."
    if len(text) > LONGEST[name]:
        return f"At most {LONGEST[name]} characters."
    if name == "shortcut" and not SHORTCUT.fullmatch(text):
        return "Small letters, digits and hyphens, as late-parcel."
    if name == "text" and re.search(r"\{\{|\}\}", VARIABLE.sub("", text)):
        return "A variable is not closed: write {{ order number }}."
    return ""


def _name(raw: str) -> str:
    return " ".join(raw.replace("_", " ").lower().split())
