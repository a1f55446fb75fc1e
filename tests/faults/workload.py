"""Who works while the fault is on: assistants, customers and agents, each with chances of their own from the run's seed."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tests.faults.callers import Caller, client
from tests.faults.ledger import Act, Ledger
from tests.faults.page import Page
from tests.faults.world import Person, World

NEEDS = ("I was charged twice, please refund order A-{n}", "My camera is offline since {n} o'clock", "Where is parcel {n}?")
ASKING = "Can I talk to a real person?"
CALM = ("It is the blue one, number {n}", "I tried that {n} times", "Thank you, that is number {n}", "The code says {n}")
MOST_WAITING = 12
WRITERS = 5


@dataclass
class Talk:
    """A conversation as its customer's side knows it."""

    key: str
    token: str
    plugin: bool
    handed_off: bool = False


@dataclass
class Workload:
    world: World
    name: str  # keeps the runs in one database apart
    chance: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    talks: list[Talk] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))
    dead: list[Page] = field(default_factory=list)  # whose machines died
    waiting: int = 0
    over: bool = False
    clients: list[httpx.AsyncClient] = field(default_factory=list)
    rested: asyncio.Event = field(default_factory=asyncio.Event)  # everybody has finished

    async def run(self, done: Callable[[], bool]) -> None:
        """Let everybody work until `done`; each finishes what they began."""
        people = self.world.agents
        actors = [self._write(number) for number in range(WRITERS)]
        actors += [self._serve(AgentByKey(self, person)) for person in people[:3]] + [self._serve(AgentByPage(self, person)) for person in people[3:]]
        tasks = [asyncio.create_task(actor) for actor in actors]
        while not self.over and not done() and not any(task.done() for task in tasks):
            await asyncio.sleep(0.1)
        self.over = True
        await asyncio.gather(*tasks)
        self.rested.set()

    async def open_pages(self) -> list[Page]:
        """Queue pages of every agent, a supervisor's wall, and whatever customers' and desk pages come to be opened."""
        for person in self.world.agents:
            await self.open("/queue/", person)
        await self.open("/wall/", self.world.lead)
        return self.pages

    async def open(self, path: str, person: Person | None = None) -> Page:
        http = self._client(session=person.session if person else "")
        page = await Page(http, path, random.Random(self.chance.random())).open()
        self.pages.append(page)
        return page

    async def close(self) -> None:
        for page in (*self.pages, *self.dead):
            await page.close()
        for http in self.clients:
            await http.aclose()

    async def crowd(self) -> None:
        """One more writer, who says ten things as fast as they are taken."""
        caller, chance = Caller(self._client(key=self.world.assistant), self.ledger), random.Random(self.chance.random())
        talk = await self._begin(caller, f"{self.name}-crowd-{next(self.numbers)}", chance)
        for _ in range(10 if talk else 0):
            await self._customer(caller, talk, chance)  # type: ignore[arg-type]

    def _client(self, **options: Any) -> httpx.AsyncClient:
        self.clients.append(client(self.world.url, **options))
        return self.clients[-1]

    async def _write(self, number: int) -> None:
        """An assistant and its customers: conversations begun, words of both, and handoffs."""
        caller, chance = Caller(self._client(key=self.world.assistant), self.ledger), random.Random(self.chance.random())
        mine: list[Talk] = []
        while not self.over:
            if not mine or chance.random() < 0.08:
                talk = await self._begin(caller, f"{self.name}-{number}-{next(self.numbers)}", chance)
                mine += [talk] if talk else []
                continue
            talk = chance.choice(mine[-6:])
            await chance.choice((self._customer, self._customer, self._assistant, self._customer_by_page, self._hand_off))(caller, talk, chance)

    async def _begin(self, caller: Caller, name: str, chance: random.Random) -> Talk | None:
        plugin = chance.random() < 0.15
        body = {"external_id": name, "customer": {"external_id": name, "name": f"Kim {name}", "email": f"{name}@example.com"}}
        made = await caller.api(Act("begin", "", client_id=name), "/conversations", {**body, **({"assistant": "front_desk"} if plugin else {})}, key=name)
        if not made:
            return None
        talk = Talk(made["id"], made["customer_url"].rstrip("/").rpartition("/")[2], plugin)
        self.talks.append(talk)
        if len(self.talks) <= 5:
            await self._try_open(f"/c/{talk.token}/")
        return talk

    async def _try_open(self, path: str, person: Person | None = None) -> None:
        try:
            await self.open(path, person)
        except httpx.HTTPError:
            self.ledger.failed("page not opened")

    async def _customer(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        act = self._words("customer", talk, chance)
        said = {"author": "customer", "text": act.words, "client_id": act.client_id}
        self._heard(act, await caller.api(act, f"/conversations/{talk.key}/turns", said, key=chance.choice(("", f"k-{act.client_id}"))), talk)

    async def _assistant(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        if talk.plugin:
            return
        act = self._words("assistant", talk, chance)
        said = {"author": "assistant", "text": act.words, "client_id": act.client_id, "confidence": chance.choice((0.95, 0.95, 0.95, 0.3))}
        self._heard(act, await caller.api(act, f"/conversations/{talk.key}/turns", said, key=f"k-{act.client_id}"), talk)

    async def _customer_by_page(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        http = self._client()
        try:
            if await Caller(http, self.ledger).get(f"/c/{talk.token}/"):
                act = self._words("customer", talk, chance)
                await Caller(http, self.ledger).form(act, f"/c/{talk.token}/say/", {"text": act.words, "client_id": act.client_id})
        finally:
            self.clients.remove(http)
            await http.aclose()

    async def _hand_off(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        if self.waiting >= MOST_WAITING or talk.handed_off:
            return
        talk.handed_off = True
        act, name = Act("hand_off", talk.key), f"h-{next(self.numbers)}-{self.name}"
        made = await caller.api(act, f"/conversations/{talk.key}/handoff", {"reason": "Wants an exception", "urgency": "normal"}, key=name)
        act.handoff = made.get("id", "")
        if made and len(self.pages) < 16:
            await self._try_open(f"/handoffs/{act.handoff}/", self.world.lead)

    def _words(self, kind: str, talk: Talk, chance: random.Random) -> Act:
        number = next(self.numbers)
        needs = NEEDS if not talk.handed_off and chance.random() < 0.3 else CALM
        words = ASKING if kind == "customer" and self.waiting < MOST_WAITING and chance.random() < 0.05 else chance.choice(needs)
        return Act(kind, talk.key, client_id=f"{self.name}-{number}", words=f"{words.format(n=number)} ({self.name}-{number})")

    def _heard(self, act: Act, answer: dict[str, Any], talk: Talk) -> None:
        if answer:
            act.number, act.action = answer["turn"]["number"], answer["decision"]["action"]
            talk.handed_off = talk.handed_off or act.action == "hand_off"

    async def _serve(self, agent: "AgentByKey") -> None:
        chance = random.Random(self.chance.random())
        await agent.arrive()
        while not self.over:
            found = await agent.look()
            if not found:
                await asyncio.sleep(0.3)
                continue
            await agent.handle(found, chance)


class AgentByKey:
    """An agent whose own program calls the API."""

    def __init__(self, workload: Workload, person: Person) -> None:
        self.load, self.person = workload, person
        self.caller = Caller(workload._client(key=person.key), workload.ledger)

    async def arrive(self) -> None:
        """Nothing to do before the first call."""

    async def look(self) -> dict[str, Any]:
        """A handoff one holds already, otherwise one of those that wait; nothing when there is neither."""
        mine = [row for row in await self._listed("claimed") if (row["agent"] or {}).get("username") == self.person.username]
        waiting = [] if mine else await self._listed("waiting")
        return dict(self.load.chance.choice((mine or waiting)[:4])) if mine or waiting else {}

    async def _listed(self, state: str) -> list[dict[str, Any]]:
        answer = await self.caller.get("/api/v1/handoffs", state=state, page_size=50)
        rows = answer.json() if answer is not None else {"items": [], "count": 0}
        if state == "waiting":
            self.load.waiting = rows["count"]
        return list(rows["items"])

    async def handle(self, row: dict[str, Any], chance: random.Random) -> None:
        key, conversation = row["id"], row["conversation"]
        if row["state"] == "waiting" and not await self.do("claim", key, conversation):
            return
        for _ in range(chance.randint(1, 3)):
            await self.say(key, conversation)
        verb = chance.choice(("resolve", "hand_back", "hand_back", "release", "transfer"))
        await self.do(verb, key, conversation, **({"team": chance.choice(("billing", "technical", "general"))} if verb == "transfer" else {}))

    async def do(self, verb: str, key: str, conversation: str, **fields: str) -> bool:
        act = Act(verb, conversation, agent=self.person.username, handoff=key)
        await self.caller.api(act, f"/handoffs/{key}/{verb}", fields, key=f"{verb}-{next(self.load.numbers)}-{self.load.name}")
        return act.is_acknowledged

    async def say(self, key: str, conversation: str) -> None:
        act = self._words(key, conversation)
        answer = await self.caller.api(act, f"/handoffs/{key}/turns", {"text": act.words, "client_id": act.client_id}, key=f"k-{act.client_id}")
        act.number = answer["turn"]["number"] if answer else None

    def _words(self, key: str, conversation: str) -> Act:
        name = f"{self.load.name}-{next(self.load.numbers)}"
        return Act("agent", conversation, client_id=name, words=f"I am on it ({name})", agent=self.person.username, handoff=key)


class AgentByPage(AgentByKey):
    """An agent in a browser: forms with a session and a CSRF token. The list is still read over the API."""

    PATHS = {"hand_back": "hand-back"}
    # On a page these can be undone for some seconds first.
    KINDS = {"transfer": "pass_on", "hand_back": "let_go"}

    def __init__(self, workload: Workload, person: Person) -> None:
        super().__init__(workload, person)
        self.forms = Caller(workload._client(session=person.session), workload.ledger)

    async def arrive(self) -> None:
        while not self.load.over and not await self.forms.get("/queue/"):
            await asyncio.sleep(0.5)

    async def do(self, verb: str, key: str, conversation: str, **fields: str) -> bool:
        act = Act(self.KINDS.get(verb, verb), conversation, agent=self.person.username, handoff=key)
        await self.forms.form(act, f"/handoffs/{key}/{self.PATHS.get(verb, verb)}/", fields)
        return act.is_acknowledged

    async def say(self, key: str, conversation: str) -> None:
        act = self._words(key, conversation)
        answer = await self.forms.form(act, f"/handoffs/{key}/turns/", {"text": act.words, "client_id": act.client_id})
        act.number = answer.json()["number"] if answer is not None and answer.status_code == 201 else None
