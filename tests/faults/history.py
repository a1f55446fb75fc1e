"""The check at the end of every run: what was acknowledged is stored exactly once, and the stored history breaks no rule. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from handoffs.states import MOVES, OPEN, OWNER_IN, State
from tests.faults import repeated
from tests.faults.ledger import Act
from tests.faults.stored import Stored

SAID_BY = {"customer": "customer", "assistant": "assistant", "agent": "agent"}
# The verb of the step that an acknowledged act of an agent leaves.
STEP_OF = {"claim": "claimed", "release": "released", "transfer": "transferred", "resolve": "resolved", "hand_back": "handed_back",
           "pass_on": "passing", "let_go": "resolved"}


@dataclass
class Verdict:
    """What is wrong, in words; nothing is good."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.gaps or self.rules)

    def __str__(self) -> str:
        found = [f"{name}: {words}" for name in ("lost", "doubled", "gaps", "rules") for words in getattr(self, name)]
        return "; ".join(found[:8]) + (f"; and {len(found) - 8} more" if len(found) > 8 else "")


def check(acts: Iterable[Act], stored: Stored) -> Verdict:
    acts = list(acts)
    verdict = Verdict(gaps=list(_gaps(stored)), rules=[*_moves(stored), *_owners(stored), *_capacity(stored), *_due(stored)])
    for lost, words in (*_begun(acts, stored), *_turns(acts, stored), *_proposals(acts, stored), *_steps(acts, stored)):
        (verdict.lost if lost else verdict.doubled).append(words)
    verdict.doubled += [*repeated.words(acts, stored), *repeated.steps(stored)]
    return verdict


def _begun(acts: list[Act], stored: Stored) -> Iterator[tuple[bool, str]]:
    """Each conversation that was acknowledged is there under its name outside, and nobody was told of two by one name."""
    names, told = dict(stored.begun), defaultdict(set)
    for act in acts:
        if act.kind == "begin" and act.is_acknowledged:
            told[act.client_id].add(act.conversation)
            if names.get(act.conversation) != act.client_id:
                yield True, f"the conversation {act.client_id} was answered {act.status} as {act.conversation or 'none'} and is not there"
    known = Counter(names.values())
    for name, keys in told.items():
        if max(len(keys), known[name]) > 1:
            yield False, f"the conversation {name} is there {known[name]} times, and was answered as {len(keys)}"


def _turns(acts: list[Act], stored: Stored) -> Iterator[tuple[bool, str]]:
    """Whether each turn said is there as often as it may be: once when it was acknowledged, at most once otherwise."""
    said = Counter((turn.conversation, turn.author, turn.client_id) for turn in stored.turns)
    words = {(turn.conversation, turn.author, turn.client_id): turn for turn in stored.turns}
    written = Counter((turn.conversation, turn.words) for turn in stored.turns if turn.client_id)
    for act in acts:
        if act.kind not in SAID_BY:
            continue
        key = (act.conversation, SAID_BY[act.kind], act.client_id)
        times, turn = said[key], words.get(key)
        if times > 1 or written[act.conversation, act.words] > 1:
            yield False, f"{act.kind} {act.client_id} stands {max(times, written[act.conversation, act.words])} times"
        delivered = act.is_acknowledged and (act.kind != "assistant" or act.action == "answer")
        if delivered and (turn is None or turn.words != act.words or act.number not in (None, turn.number)):
            yield True, f"{act.kind} {act.client_id} was answered {act.status} as turn {act.number}, and stands as {turn}"


def _proposals(acts: list[Act], stored: Stored) -> Iterator[tuple[bool, str]]:
    for act in acts:
        rows = stored.proposals.get((act.conversation, act.client_id), 0)
        if act.kind == "assistant" and (rows > 1 or (act.is_acknowledged and not rows)):
            yield not rows, f"the proposal {act.client_id} is kept {rows} times"


def _steps(acts: list[Act], stored: Stored) -> Iterator[tuple[bool, str]]:
    """Each acknowledged act of an agent left its step; a claim that was answered twice left one for each time it was won."""
    taken = Counter((step.handoff, step.verb, step.agent) for step in stored.steps)
    wanted = Counter((act.handoff, STEP_OF[act.kind], act.agent) for act in acts if act.kind in STEP_OF and act.is_acknowledged)
    known = {handoff.key for handoff in stored.handoffs}
    for act in acts:
        if "hand_off" in (act.kind, act.action) and act.is_acknowledged and act.handoff not in known:
            yield True, f"the handoff {act.handoff} was answered {act.status} and is not there"
    for key, times in wanted.items():
        if taken[key] < times:
            yield True, f"{key[1]} by {key[2]} was acknowledged {times} times and happened {taken[key]} times"


def _gaps(stored: Stored) -> Iterator[str]:
    """Turns are numbered 1..n within their conversation."""
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for turn in stored.turns:
        numbers[turn.conversation].append(turn.number)
    for conversation, last in stored.conversations.items():
        if sorted(numbers[conversation]) != list(range(1, last + 1)):
            yield f"{conversation} counts to {last} and has {sorted(numbers[conversation])[-5:]} ({len(numbers[conversation])} turns)"


def _moves(stored: Stored) -> Iterator[str]:
    """Each handoff's moves join up, by the table of states; no epoch of a conversation was given twice."""
    at: dict[str, str] = {}
    epochs: Counter[tuple[str, int]] = Counter()
    for step in stored.moves:
        epochs[step.conversation, step.epoch] += 1
        if step.from_state:
            if at.get(step.handoff) != step.from_state or State(step.to_state) not in MOVES[State(step.from_state)]:
                yield f"{step.handoff} was {at.get(step.handoff)} when it {step.verb} from {step.from_state} to {step.to_state}"
        elif step.handoff in at:
            yield f"{step.handoff} was handed off twice"
        at[step.handoff] = step.to_state
    yield from (f"{conversation} gave epoch {epoch} to {times} owners" for (conversation, epoch), times in epochs.items() if times > 1)
    yield from (f"{row.key} is {row.state} after a step to {at.get(row.key)}" for row in stored.handoffs if at.get(row.key) != row.state)


def _owners(stored: Stored) -> Iterator[str]:
    """An open handoff's conversation belongs to whom its state says, and no conversation has two open ones."""
    open_ones = Counter(row.conversation for row in stored.handoffs if row.state in OPEN)
    yield from (f"{conversation} has {times} open handoffs" for conversation, times in open_ones.items() if times > 1)
    for row in stored.handoffs:
        if row.state in OPEN and row.owner != OWNER_IN[State(row.state)]:
            yield f"{row.key} is {row.state}, and its conversation belongs to {row.owner}"


def _capacity(stored: Stored) -> Iterator[str]:
    """No claim was taken beyond the agent's room. (What comes back to its agent, by an undo or the customer's words, may be.)"""
    weights = {row.key: row.weight for row in stored.handoffs}
    held: defaultdict[str, set[str]] = defaultdict(set)
    holder: dict[str, str] = {}
    for step in stored.moves:
        if step.verb == "claimed":
            holder[step.handoff] = step.agent
        agent = holder.get(step.handoff, "")
        if step.to_state not in (State.CLAIMED, State.PASSING):
            held[agent].discard(step.handoff)
            continue
        held[agent].add(step.handoff)
        load = sum(weights.get(key, 1.0) for key in held[agent])
        if step.verb == "claimed" and load > stored.capacity.get(agent, 0):
            yield f"{agent} claimed up to {load:g} with room for {stored.capacity.get(agent, 0):g}"


def _due(stored: Stored) -> Iterator[str]:
    """Once things have settled every open handoff is due some time ahead: nothing is forgotten."""
    for row in stored.handoffs:
        if row.state in OPEN and (row.due_at is None or row.due_at <= stored.now):
            yield f"{row.key} ({row.state}) was due {row.due_at}, now is {stored.now}"
