"""Agents at work: they look for a handoff, claim it, write, and let go of it; over the API or by the pages' forms."""

import asyncio
import random
from typing import Any

from tests.faults.callers import Caller
from tests.faults.ledger import Act
from tests.faults.shift import Shift
from tests.faults.world import ROOM, Person

# Of what waits, or is theirs.
LOOKED_AT = 4
# How often somebody claims more at once than they have room for.
GREED = 0.2


class AgentByKey:
    """An agent whose own program calls the API."""

    def __init__(self, shift: Shift, person: Person) -> None:
        self.shift, self.person = shift, person
        self.caller = Caller(shift.client(key=person.key), shift.ledger)
        self.may_hold = True  # something, for all they know

    async def arrive(self) -> None:
        """Nothing to do before the first call."""

    async def look(self) -> list[dict[str, Any]]:
        """A handoff one holds already, otherwise some of those that wait, now and then more than one has room for; nothing when there is neither."""
        mine = [row for row in await self._listed("claimed", 50) if (row["agent"] or {}).get("username") == self.person.username] if self.may_hold else []
        self.may_hold = bool(mine)
        waiting = [] if mine else await self._listed("waiting", LOOKED_AT)
        found, many = (mine or waiting)[:LOOKED_AT], not mine and self.shift.chance.random() < GREED
        return self.shift.chance.sample(found, min(len(found), ROOM + 1 if many else 1))

    async def _listed(self, state: str, most: int) -> list[dict[str, Any]]:
        answer = await self.caller.get("/api/v1/handoffs", state=state, page_size=most)
        rows = answer.json() if answer is not None else {"items": [], "count": 0}
        if state == "waiting":
            self.shift.waiting = rows["count"]
        return list(rows["items"])

    async def handle(self, rows: list[dict[str, Any]], chance: random.Random) -> None:
        """Claim all of them at once, unless it is one's own already, and serve one that was won; the others come when they are looked for."""
        self.may_hold = True
        if rows[0]["state"] == "waiting":
            won = await asyncio.gather(*(self.do("claim", row["id"], row["conversation"]) for row in rows))
            rows = [row for row, is_won in zip(rows, won, strict=True) if is_won]
        if rows:
            await self._serve(rows[0]["id"], rows[0]["conversation"], chance)
            self.may_hold = self.may_hold or len(rows) > 1

    async def _serve(self, key: str, conversation: str, chance: random.Random) -> None:
        for _ in range(chance.randint(1, 3)):
            await self.say(key, conversation)
        verb = chance.choice(("resolve", "hand_back", "hand_back", "release", "transfer"))
        fields = {"team": chance.choice(("billing", "technical", "general"))} if verb == "transfer" else {}
        self.may_hold = not await self.do(verb, key, conversation, **fields)

    async def do(self, verb: str, key: str, conversation: str, **fields: str) -> bool:
        act = Act(verb, conversation, agent=self.person.username, handoff=key)
        await self.caller.api(act, f"/handoffs/{key}/{verb}", fields, key=f"{verb}-{next(self.shift.numbers)}-{self.shift.name}")
        return act.is_acknowledged

    async def say(self, key: str, conversation: str) -> None:
        act = self._words(key, conversation)
        answer = await self.caller.api(act, f"/handoffs/{key}/turns", {"text": act.words, "client_id": act.client_id}, key=f"k-{act.client_id}")
        act.number = answer["turn"]["number"] if answer else None

    def _words(self, key: str, conversation: str) -> Act:
        name = f"{self.shift.name}-{next(self.shift.numbers)}"
        return Act("agent", conversation, client_id=name, words=f"I am on it ({name})", agent=self.person.username, handoff=key)


class AgentByPage(AgentByKey):
    """An agent in a browser: forms with a session and a CSRF token. The list is still read over the API."""

    PATHS = {"hand_back": "hand-back"}
    # On a page these can be undone for some seconds first.
    KINDS = {"transfer": "pass_on", "hand_back": "let_go"}

    def __init__(self, shift: Shift, person: Person) -> None:
        super().__init__(shift, person)
        self.forms = Caller(shift.client(session=person.session), shift.ledger)

    async def arrive(self) -> None:
        while not self.shift.over and not await self.forms.get("/queue/"):
            await asyncio.sleep(0.5)

    async def do(self, verb: str, key: str, conversation: str, **fields: str) -> bool:
        act = Act(self.KINDS.get(verb, verb), conversation, agent=self.person.username, handoff=key)
        await self.forms.form(act, f"/handoffs/{key}/{self.PATHS.get(verb, verb)}/", fields)
        return act.is_acknowledged

    async def say(self, key: str, conversation: str) -> None:
        act = self._words(key, conversation)
        answer = await self.forms.form(act, f"/handoffs/{key}/turns/", {"text": act.words, "client_id": act.client_id})
        act.number = answer.json()["number"] if answer is not None and answer.status_code == 201 else None
