"""Who works while the fault is on: assistants, customers and agents, each with chances of their own from the run's seed."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.callers import Caller
from tests.faults.ledger import Act
from tests.faults.page import Page
from tests.faults.serving import AgentByKey, AgentByPage
from tests.faults.shift import Shift
from tests.faults.world import Person

NEEDS = ("I was charged twice, please refund order A-{n}", "My camera is offline since {n} o'clock", "Where is parcel {n}?")
ASKING = "Can I talk to a real person?"
CALM = ("It is the blue one, number {n}", "I tried that {n} times", "Thank you, that is number {n}", "The code says {n}")
# More makes every page longer that shows the line.
MOST_WAITING = 24
WRITERS = 16
# Looking is no operation, and costs the server as much as one.
LOOK_EVERY = 1.0


@dataclass
class Talk:
    """A conversation as its customer's side knows it."""

    key: str
    token: str
    plugin: bool
    handed_off: bool = False
    is_open: bool = False  # in the customers' browser


@dataclass
class Workload(Shift):
    talks: list[Talk] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    dead: list[Page] = field(default_factory=list)  # whose machines died
    think: float = 0.0  # seconds between two acts of somebody, on average
    browser: Caller | None = None  # of the customers who write by their pages' forms, once one is open
    rested: asyncio.Event = field(default_factory=asyncio.Event)  # everybody has finished

    @property
    def is_full(self) -> bool:
        """Whether enough waits, for all anybody knows."""
        return self.waiting >= MOST_WAITING

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
        await asyncio.gather(*(self.open("/queue/", person) for person in self.world.agents), self.open("/wall/", self.world.lead))
        return self.pages

    async def open(self, path: str, person: Person | None = None) -> Page:
        http = self.client(session=person.session if person else "")
        page = await Page(http, path, random.Random(self.chance.random())).open()
        self.pages.append(page)
        return page

    async def close(self) -> None:
        for page in (*self.pages, *self.dead):
            await page.close()
        for http in self.clients:
            await http.aclose()

    async def crowd(self) -> None:
        """One more writer, who says two things as fast as they are taken."""
        caller, chance = Caller(self.client(key=self.world.assistant), self.ledger), random.Random(self.chance.random())
        talk = await self._begin(caller, f"{self.name}-crowd-{next(self.numbers)}", chance)
        for _ in range(2 if talk else 0):
            await self._customer(caller, talk, chance)  # type: ignore[arg-type]

    async def _write(self, number: int) -> None:
        """An assistant and its customers: conversations begun, words of both, and handoffs."""
        caller, chance = Caller(self.client(key=self.world.assistant), self.ledger), random.Random(self.chance.random())
        mine: list[Talk] = []
        while not self.over:
            if not mine or chance.random() < 0.08:
                talk = await self._begin(caller, f"{self.name}-{number}-{next(self.numbers)}", chance)
                mine += [talk] if talk else []
                continue
            talk = chance.choice(mine[-6:])
            await self._think(chance)
            await chance.choice((self._customer, self._customer, self._assistant, self._customer_by_page, self._hand_off))(caller, talk, chance)

    async def _begin(self, caller: Caller, name: str, chance: random.Random) -> Talk | None:
        plugin = chance.random() < 0.15
        customer = {"name": f"Kim {name}", "email": f"{name}@example.com"}
        made = await caller.begin(name, customer, key=name, **({"assistant": "front_desk"} if plugin else {}))
        if not made:
            return None
        talk = Talk(made["id"], made["customer_url"].rstrip("/").rpartition("/")[2], plugin)
        self.talks.append(talk)
        if len(self.talks) <= 5:
            await self._try_open(f"/c/{talk.token}/")
        return talk

    async def _try_open(self, path: str, person: Person | None = None) -> None:
        """Again and again, as people do; what never opened is missed when the work is over."""
        while not self.over:
            try:
                await self.open(path, person)
            except httpx.HTTPError:
                self.ledger.failed("page not opened")
                await asyncio.sleep(0.5)
            else:
                return

    async def _customer(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        act = self._words("customer", talk, chance)
        said = {"author": "customer", "text": act.words, "client_id": act.client_id}
        self._heard(act, await caller.api(act, f"/conversations/{talk.key}/turns", said, key=chance.choice(("", f"k-{act.client_id}"))), talk)

    async def _assistant(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        # It hears that a person has taken over, and tries again now and then: it may be its turn again.
        if talk.plugin or (talk.handed_off and chance.random() < 0.7):
            return
        act, sure = self._words("assistant", talk, chance), 0.95 if self.is_full else chance.choice((0.95, 0.95, 0.95, 0.3))
        said = {"author": "assistant", "text": act.words, "client_id": act.client_id, "confidence": sure}
        self._heard(act, await caller.api(act, f"/conversations/{talk.key}/turns", said, key=f"k-{act.client_id}"), talk)

    async def _customer_by_page(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        browser = self.browser = self.browser or Caller(self.client(), self.ledger)
        talk.is_open = talk.is_open or await browser.get(f"/c/{talk.token}/") is not None
        if talk.is_open:
            act = self._words("customer", talk, chance)
            await browser.form(act, f"/c/{talk.token}/say/", {"text": act.words, "client_id": act.client_id})

    async def _hand_off(self, caller: Caller, talk: Talk, chance: random.Random) -> None:
        if self.is_full or talk.handed_off:
            return
        talk.handed_off = True
        act, name = Act("hand_off", talk.key), f"h-{next(self.numbers)}-{self.name}"
        made = await caller.api(act, f"/conversations/{talk.key}/handoff", {"reason": "Wants an exception", "urgency": "normal"}, key=name)
        act.handoff = made.get("id", "")
        self.waiting += bool(made)
        if made and len(self.pages) < 16:
            await self._try_open(f"/handoffs/{act.handoff}/", self.world.lead)

    def _words(self, kind: str, talk: Talk, chance: random.Random) -> Act:
        number = next(self.numbers)
        needs = NEEDS if not (talk.handed_off or self.is_full) and chance.random() < 0.3 else CALM
        words = ASKING if kind == "customer" and not self.is_full and chance.random() < 0.05 else chance.choice(needs)
        return Act(kind, talk.key, client_id=f"{self.name}-{number}", words=f"{words.format(n=number)} ({self.name}-{number})")

    def _heard(self, act: Act, answer: dict[str, Any], talk: Talk) -> None:
        if answer:
            act.decided(answer)
            self.waiting += act.action == "hand_off"
            talk.handed_off = talk.handed_off or act.action == "hand_off"

    async def _serve(self, agent: AgentByKey) -> None:
        chance = random.Random(self.chance.random())
        await agent.arrive()
        while not self.over:
            await self._think(chance)
            found = await agent.look()
            if not found:
                await asyncio.sleep(LOOK_EVERY)
                continue
            await agent.handle(found, chance)

    async def _think(self, chance: random.Random) -> None:
        until = time.monotonic() + (chance.expovariate(1 / self.think) if self.think else 0.0)
        while not self.over and (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, 0.2))
