"""Invented customers for the recorded dialogues: the first name they give, a family name, a tier, an account and orders."""

from random import Random
from typing import Any

from console.demo.dialogues import SERVICES, Dialogue

FIRST = (
    "Amara", "Tomasz", "Leila", "Hugo", "Nadia", "Marcus", "Ingrid", "Kofi", "Rosa", "Dmitri", "Yuki", "Farah", "Oscar", "Bea", "Tariq", "Elena",
    "Cillian", "Zanele", "Mateo", "Freya",
)
LAST = (
    "Osei", "Kowalski", "Haddad", "Bergström", "Petrova", "Bell", "Solberg", "Mensah", "Delgado", "Volkov", "Mori", "Rahman", "Lindgren", "Whitlock",
    "Aziz", "Marchetti", "Byrne", "Dlamini", "Fuentes", "Nyström", "Castellanos", "Okonkwo", "Varga", "Thorne", "Sato", "Brandt", "Quigley", "Moretti",
    "Adeyemi", "Falk", "Novak", "Castro", "Hayashi", "Bauer", "Lund", "Ferreira", "Ekholm", "Rossi", "Winter", "Abara",
)
GOODS = (
    ("Alder One indoor camera", "€79.00"), ("Alder Duo outdoor camera", "€149.00"), ("Doorbell with chime", "€119.00"), ("Window sensor, pack of 4", "€49.00"),
    ("Pro plan, monthly", "€14.00"), ("Plus plan, yearly", "€59.00"), ("Solar panel for Duo", "€39.00"), ("Clip storage, 30 days", "€4.00"),
)
STATES = ("delivered", "delivered", "on its way", "returned", "paid")
TIERS = ("free", "free", "plus", "plus", "business")


def customer(dialogue: Dialogue, number: int) -> dict[str, Any]:
    """The customer of a dialogue, the same at every run; `number` is its place in the sample."""
    chance = Random(dialogue.key)
    first, last = dialogue.name or FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    since = chance.randint(2019, 2025)
    tier = chance.choice(TIERS)
    return {
        "external_id": f"customer-{dialogue.key}",
        "name": f"{first} {last}",
        "email": f"{first}.{last}@example.com".lower().translate(str.maketrans("öéø", "oeo")),
        "tier": tier,
        "account": {
            "number": str(chance.randint(10_000_000, 99_999_999)),
            "customer since": f"{chance.choice(('January', 'March', 'May', 'August', 'October'))} {since}",
            "service": SERVICES.get(dialogue.domains[0], "Alder Home"),
            "plan": {"free": "Basic", "plus": "Plus", "business": "Pro"}[tier],
        },
        "orders": [order(chance) for _ in range(chance.randint(0, 3))],
        "tickets": [],
    }


def order(chance: Random) -> dict[str, str]:
    title, amount = chance.choice(GOODS)
    month, day = chance.randint(1, 12), chance.randint(1, 28)
    return {"id": f"A-{chance.randint(20_000, 29_999)}", "title": title, "amount": amount, "state": chance.choice(STATES), "date": f"2025-{month:02}-{day:02}"}
