"""The demo world: teams and what is theirs, agents, a supervisor, assistants and their secrets, made once and kept in var/demo.json."""

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from handoffs import learning
from handoffs.learned import examples
from handoffs.models import Agent, ApiKey, Assistant, CannedReply, Demand, LearnedModel, Team

TEAMS: tuple[dict[str, Any], ...] = (
    {
        "code": "billing", "name": "Billing", "public_name": "Plans and billing", "promise": 300,
        "intents": ["billing", "refund", "payment", "invoice", "bank_balance", "plane_book", "plane_search", "hotel_book", "hotel_search"],
        "keywords": ["refund", "refunded", "charged", "charge", "invoice", "payment", "paid", "price", "bill", "billing", "vat", "balance", "card"],
    },
    {
        "code": "retention", "name": "Retention", "public_name": "Plans and billing", "promise": 180,
        "intents": [
            "cancel", "downgrade", "ride_book", "ride_change", "party_plan", "party_rsvp", "restaurant_book", "restaurant_search", "apartment_search",
            "apartment_schedule", "meeting_schedule",
        ],
        "keywords": ["cancel", "cancelling", "cancellation", "leave", "leaving", "downgrade", "unsubscribe", "renewal", "renews", "competitor"],
    },
    {
        "code": "fraud", "name": "Fraud & security", "public_name": "Account safety", "promise": 120,
        "intents": ["fraud", "fraud_report", "bank_fraud_report", "account_security", "unauthorised_payment"],
        "keywords": ["fraud", "stolen", "hacked", "hack", "unauthorised", "unauthorized", "suspicious", "phishing", "police", "identity"],
    },
    {
        "code": "technical", "name": "Technical", "public_name": "Product help", "promise": 300,
        "intents": ["setup", "offline", "spaceship_life_support", "spaceship_access_codes", "trip_directions", "weather", "ride_status", "trivia"],
        "keywords": ["camera", "doorbell", "sensor", "offline", "wifi", "app", "firmware", "battery", "install", "setup", "reset", "video", "clips"],
    },
    {"code": "general", "name": "General", "public_name": "Customer care", "promise": 300, "general": True, "intents": [], "keywords": []},
)
# Nobody's hours: the demo works at any. What waits where nobody is goes to the general team.
Levels = dict[str, int]
PEOPLE: tuple[tuple[str, str, str, tuple[str, ...], Levels, Levels], ...] = (
    ("mara", "Mara", "Lindqvist", ("billing", "retention", "general"), {"en": 5, "sv": 5, "de": 3}, {"refunds": 4}),
    ("jonas", "Jonas", "Weber", ("fraud", "billing"), {"en": 4, "de": 5}, {"refunds": 1, "identity": 5}),
    ("priya", "Priya", "Nair", ("technical", "general"), {"en": 5, "hi": 5}, {}),
    ("aiko", "Aiko", "Tanaka", ("technical", "retention"), {"en": 4, "ja": 5}, {}),
    ("sam", "Sam", "Okafor", ("fraud", "general"), {"en": 5, "fr": 4}, {"identity": 3}),
    ("elif", "Elif", "Demir", ("billing", "technical"), {"en": 4, "tr": 5, "de": 4}, {"refunds": 3}),
    ("tom", "Tom", "Ashworth", ("retention", "general"), {"en": 5, "es": 4}, {}),
)
DEMANDS: tuple[dict[str, Any], ...] = (
    {"intent": "refund", "weight": 1, "skills": {"refunds": 2}},
    {"intent": "bank_fraud_report", "weight": 2, "skills": {"identity": 3}},
)
SUPERVISOR = ("ines", "Ines", "Moreau")
ASSISTANTS = (("juniper", "Juniper", ""), ("front_desk", "Juniper", "front_desk"))
WITH_KEY = "juniper"
EXAMPLES, REPLIES = (Path(__file__).parent / name for name in ("intents.jsonl", "replies.jsonl"))
EASY_TO_TYPE = "abcdefghjkmnpqrstuvwxyz23456789"


def path() -> Path:
    return Path(settings.VAR) / "demo.json"


def is_empty() -> bool:
    """Whether nobody works with this database yet."""
    return not (Team.objects.exists() or Agent.objects.exists())


def build() -> dict[str, Any]:
    """Make whatever of the demo world is missing; what is there stays as it is. Returns what var/demo.json then says.

    Passwords and keys that the file already names are used again, so that an emptied database gets the same ones.
    """
    known = read()
    with transaction.atomic():
        teams = _teams()
        _replies(teams)
        assistants = {code: Assistant.objects.get_or_create(code=code, defaults={"name": name, "plugin": plugin})[0] for code, name, plugin in ASSISTANTS}
        secrets_of = {row["username"]: row for row in known.get("agents", [])}
        world = {
            "base_url": settings.BASE_URL,
            "assistant": {"key": _key(known.get("assistant", {}).get("key"), assistant=assistants[WITH_KEY])},
            "agents": [_agent(row, teams, secrets_of.get(row[0], {})) for row in PEOPLE],
            "supervisor": _supervisor(known.get("supervisor", {})),
        }
    write(world)
    return world


def teach() -> None:
    """Learn the demo teams' intents from sentences of ours, unless something was learned before."""
    if not LearnedModel.objects.filter(kind=learning.KIND).exists():
        learning.take_in(examples.read(EXAMPLES.read_bytes())[0])
        learning.learn()


def read() -> dict[str, Any]:
    """What the file says; an empty dict when there is none."""
    try:
        return dict(json.loads(path().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}


def write(world: dict[str, Any]) -> None:
    """Replace the file in one move, readable by its owner alone."""
    path().parent.mkdir(parents=True, exist_ok=True)
    draft = path().with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(world, file, indent=2, ensure_ascii=False)
    draft.replace(path())


def move_to(base_url: str) -> dict[str, Any]:
    """Note the address the demo is reached at now; secrets stay. Returns what the file then says."""
    world = read()
    if world and world.get("base_url") != base_url:
        world["base_url"] = base_url
        write(world)
    return world


def _teams() -> dict[str, Team]:
    """The teams by their codes. New ones overflow to the general team, and a world that is new gets its demands."""
    made = {row["code"]: Team.objects.get_or_create(code=row["code"], defaults=row) for row in TEAMS}
    teams = {code: team for code, (team, _) in made.items()}
    Team.objects.filter(code__in=[code for code, (_, is_new) in made.items() if is_new], general=False).update(overflow_team=teams["general"])
    if all(is_new for _, is_new in made.values()):
        Demand.objects.bulk_create((Demand(**row) for row in DEMANDS), ignore_conflicts=True)
    return teams


def _replies(teams: dict[str, Team]) -> None:
    """Replies to begin with; a world that has any keeps its own. Without a team one is for every team."""
    if not CannedReply.objects.exists():
        rows = [json.loads(line) for line in REPLIES.read_text(encoding="utf-8").splitlines()]
        CannedReply.objects.bulk_create(CannedReply(**{**row, "team": teams.get(row["team"])}) for row in rows)


def _agent(row: tuple[str, str, str, tuple[str, ...], Levels, Levels], teams: dict[str, Team], known: dict[str, Any]) -> dict[str, Any]:
    username, first, last, codes, languages, skills = row
    agent, password = _person(username, first, last, known.get("password"), languages=languages, skills=skills)
    if not agent.teams.exists():
        agent.teams.set(teams[code] for code in codes)
    return {"username": username, "password": password, "key": _key(known.get("key"), agent=agent), "teams": list(codes)}


def _supervisor(known: dict[str, Any]) -> dict[str, Any]:
    username, first, last = SUPERVISOR
    _, password = _person(username, first, last, known.get("password"), is_supervisor=True, is_staff=True, is_superuser=True)
    return {"username": username, "password": password}


def _person(username: str, first: str, last: str, password: str | None, **columns: Any) -> tuple[Agent, str]:
    """The person and their password; a new one when the person is new or nobody knows it any more."""
    agent, made = Agent.objects.get_or_create(username=username, defaults={"first_name": first, "last_name": last, **columns})
    if made or password is None:
        password = password or "".join(secrets.choice(EASY_TO_TYPE) for _ in range(12))
        agent.set_password(password)
        agent.save(update_fields=["password"])
    return agent, password


def _key(secret: str | None, **owner: Any) -> str:
    """The owner's key; stored when the database lacks it, made when nobody knows one."""
    if secret is None:
        return ApiKey.make(**owner)
    ApiKey.objects.get_or_create(digest=ApiKey.digest_of(secret), defaults={"prefix": secret[:8], **owner})
    return secret
