"""The states of a handoff and the moves between them, as a table checked on import."""

from enum import StrEnum


class State(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    PASSING = "passing"
    RESOLVED = "resolved"
    HANDED_BACK = "handed_back"
    CLOSED = "closed"


class Owner(StrEnum):
    """Who a conversation belongs to: exactly one of these at any time."""

    ASSISTANT = "assistant"
    TEAM = "team"
    AGENT = "agent"
    NOBODY = "nobody"


MOVES: dict[State, frozenset[State]] = {
    # By the customer's wish alone what waits goes back to the assistant, or closes.
    State.WAITING: frozenset({State.WAITING, State.CLAIMED, State.HANDED_BACK, State.CLOSED}),
    State.CLAIMED: frozenset({State.WAITING, State.PASSING, State.RESOLVED, State.HANDED_BACK}),
    State.PASSING: frozenset({State.CLAIMED, State.WAITING}),
    State.RESOLVED: frozenset({State.CLAIMED, State.HANDED_BACK, State.CLOSED}),
    State.HANDED_BACK: frozenset(),
    State.CLOSED: frozenset(),
}

OWNER_IN: dict[State, Owner] = {
    State.WAITING: Owner.TEAM,
    State.CLAIMED: Owner.AGENT,
    State.PASSING: Owner.AGENT,
    State.RESOLVED: Owner.AGENT,
    State.HANDED_BACK: Owner.ASSISTANT,
    State.CLOSED: Owner.NOBODY,
}

OPEN: frozenset[State] = frozenset(state for state, moves in MOVES.items() if moves)
HELD: frozenset[State] = frozenset({State.CLAIMED, State.PASSING})  # by an agent, whose room it takes


def check_table() -> None:
    """Raise RuntimeError when a state has no row or a row leads nowhere known."""
    for name, table in (("MOVES", MOVES), ("OWNER_IN", OWNER_IN)):
        if set(table) != set(State):
            raise RuntimeError(f"{name} does not name every state")
    reachable = {State.WAITING}.union(*MOVES.values())
    if reachable != set(State):
        raise RuntimeError(f"no move leads to {set(State) - reachable}")


check_table()
