"""Plays recorded dialogues against the HTTP API: the customer's words, and the assistant's proposals until a person takes over."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

from console.demo.client import Client, Refused
from console.demo.dialogues import Dialogue, Said
from console.demo.people import customer

CLARIFY = "Let me make sure I get this right: could you say in other words what you need?"
GOODBYE = "Thank you for your patience. Is there anything else I can do for you? Otherwise have a good day."
THANKS = "No, that's all. Thank you."
# Pauses in seconds at real speed: nobody types faster, and no demo waits longer.
TYPING, ANSWERING = (4.0, 25.0), (2.0, 9.0)
READING = (6.0, 15.0)
LOOKS = 2.0
LEAVES_AFTER = 30 * 60.0

Report = Callable[[str, str], None]


class Over(Exception):
    """The demo is to stop."""


@dataclass
class Clock:
    """Pauses at a chosen speed, cut short when the demo stops."""

    speed: float = 4.0
    over: threading.Event = field(default_factory=threading.Event)

    def pause(self, seconds: float) -> None:
        """Raises Over when the demo is to stop."""
        if self.over.wait(max(0.1, seconds / self.speed)):
            raise Over

    def pause_really(self, seconds: float) -> None:
        """A pause that has nothing to do with the speed of play."""
        if self.over.wait(seconds):
            raise Over


class Player:
    """Plays one dialogue to its end."""

    def __init__(self, client: Client, dialogue: Dialogue, number: int, run: str, clock: Clock, report: Report) -> None:
        self.client, self.dialogue, self.clock, self.tell = client, dialogue, clock, report
        self.customer = customer(dialogue, number)
        self.chance = Random(f"{dialogue.key}-{run}")
        self.external_id = f"{dialogue.key}-{run}"
        self.path, self.epoch, self.owner, self.said = "", 1, "assistant", 0
        self.left = list(dialogue.said)
        self.seen = 0

    def begin(self) -> None:
        made = self.client.post("/conversations", {"external_id": self.external_id, "language": "en", "customer": self.customer})
        self.path, self.epoch, self.owner = f"/conversations/{made['id']}", made["epoch"], made["owner"]["kind"]
        self._tell(f"writes in ({', '.join(self.dialogue.domains)}); their page: {made['customer_url']}")

    def play(self) -> str:
        """With the assistant until the dialogue ends or a person takes over; returns who owns it then."""
        before = 0.0
        while self.left and self.owner == "assistant":
            said = self.left.pop(0)
            low, high = TYPING if said.author == "customer" else ANSWERING
            self.clock.pause(min(high, max(low, said.at - before)))
            before = said.at
            self._customer_says(said.text) if said.author == "customer" else self._assistant_says(said)
        return self.owner

    def accompany(self) -> str:
        """The customer while people have the conversation, and the assistant's goodbye after it: returns how it ended."""
        patience, self.seen = monotonic() + LEAVES_AFTER, self._last_number()
        while self.owner in ("team", "agent"):
            if monotonic() > patience:
                return "nobody came, and the customer left"
            self.clock.pause_really(LOOKS)
            if self._read():
                self._answer_person()
        return self._part()

    def _answer_person(self) -> None:
        lines = [said.text for said in self.left if said.author == "customer"]
        self.clock.pause(self.chance.uniform(*READING))
        if self.owner == "agent" and lines:
            while self.left.pop(0).author != "customer":
                continue
            self._customer_says(lines[0])

    def _part(self) -> str:
        if self.owner != "assistant":
            return "closed"
        self.clock.pause(self.chance.uniform(*ANSWERING))
        self._propose({"text": GOODBYE, "confidence": 0.97, "intent": "goodbye"})
        if self.owner == "assistant":
            self.clock.pause(self.chance.uniform(*TYPING))
            self._customer_says(THANKS)
        if self.owner == "assistant":
            self.clock.pause(self.chance.uniform(*ANSWERING))
            self._propose({"text": "Goodbye.", "confidence": 0.98, "intent": "goodbye"})
        return "wrapped up after a person's help"

    def _customer_says(self, text: str) -> None:
        self._tell(f"“{text}”")
        answer = self._say({"author": "customer", "text": text})
        if answer and answer["decision"]["action"] == "hand_off":
            self._handed_off(answer)

    def _assistant_says(self, said: Said) -> None:
        action = self._propose({"text": said.text, **said.reported})
        if action == "clarify":
            self.clock.pause(self.chance.uniform(*ANSWERING))
            self._propose({"text": CLARIFY, "clarifying": True, "intent": said.reported["intent"]})

    def _propose(self, proposal: dict[str, Any]) -> str:
        answer = self._say({"author": "assistant", "epoch": self.epoch, **proposal})
        if answer is None:
            return "refused"
        action = str(answer["decision"]["action"])
        sure = f"{proposal['confidence']:.2f}" if "confidence" in proposal else "asks back"
        self._tell(f"assistant ({sure}): “{proposal['text']}” → {action.replace('_', ' ')}")
        if action == "hand_off":
            self._handed_off(answer)
        return action

    def _say(self, turn: dict[str, Any]) -> dict[str, Any] | None:
        """Say it; None when the API refused because the conversation has moved on."""
        self.said += 1
        try:
            answer = self.client.post(f"{self.path}/turns", {"client_id": f"{self.external_id}-{self.said}", **turn})
        except Refused as error:
            if error.status != 409:
                raise
            self.owner, self.epoch = error.problem["owner"]["kind"], error.problem["epoch"]
            self._tell(f"the {turn['author']} was not heard: now with {self.owner}")
            return None
        self.epoch = answer["epoch"]
        return answer

    def _handed_off(self, answer: dict[str, Any]) -> None:
        decision = answer["decision"]
        self.owner = "team"
        self._tell(f"→ HANDED OFF to {decision['handoff']['team']} ({decision['trigger'].replace('_', ' ')})")

    def _read(self) -> bool:
        """Look for news; whether a person has said something since the last look."""
        news = self.client.get(f"{self.path}/turns?after={self.seen}")
        self.epoch, self.owner, self.seen = news["epoch"], news["owner"]["kind"], max(self.seen, news["last_number"])
        for turn in news["turns"]:
            if turn["author"] in ("agent", "waiting_room"):
                self._tell(f"{turn.get('name') or 'waiting room'}: “{turn['text']}”")
        return any(turn["author"] == "agent" for turn in news["turns"])

    def _last_number(self) -> int:
        return int(self.client.get(self.path)["last_number"])

    def _tell(self, what: str) -> None:
        self.tell(self.customer["name"], what)


class Troupe:
    """Plays many dialogues, a few with the assistant at once, and accompanies those that wait for people."""

    def __init__(self, client: Client, clock: Clock, report: Report, at_once: int = 4) -> None:
        self.client, self.clock, self.report = client, clock, report
        self.stage = threading.Semaphore(at_once)
        self.ends: Counter[str] = Counter()
        self.threads: list[threading.Thread] = []

    def play(self, dialogues: list[Dialogue], run: str) -> None:
        """Returns when the last dialogue has left the stage; some may still wait for a person. Raises Over."""
        for number, dialogue in enumerate(dialogues):
            while not self.stage.acquire(timeout=0.2):
                self.clock.pause_really(0)
            player = Player(self.client, dialogue, number, run, self.clock, self.report)
            self.threads.append(threading.Thread(target=self._one, args=(player,), daemon=True))
            self.threads[-1].start()
            self.clock.pause(2.0)
        while self.on_stage():
            self.clock.pause_really(0.2)

    def on_stage(self) -> bool:
        return any(thread.is_alive() and not thread.name.startswith("with people") for thread in self.threads)

    def with_people(self) -> int:
        return sum(thread.is_alive() and thread.name.startswith("with people") for thread in self.threads)

    def _one(self, player: Player) -> None:
        try:
            owner = self._on_stage(player)
            end = "ended with the assistant" if owner == "assistant" else player.accompany()
            self.ends[end] += 1
            self.report(player.customer["name"], end)
        except Over:
            return
        except (Refused, ConnectionError) as error:
            self.ends["broken off"] += 1
            self.report(player.customer["name"], f"broken off: {error}")

    def _on_stage(self, player: Player) -> str:
        try:
            player.begin()
            owner = player.play()
        finally:
            threading.current_thread().name = f"with people {player.external_id}"
            self.stage.release()
        if owner != "assistant":
            self.ends["handed off"] += 1
        return owner
