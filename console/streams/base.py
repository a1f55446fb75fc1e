"""What a live panel is: parts with stable ids, news to append, who may watch, and which groups carry its hints."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from handoffs.models import Agent


def team_group(code: str) -> str:
    return f"team.{code}"


def agent_group(pk: int) -> str:
    return f"agent.{pk}"


def colleagues_group(code: str) -> str:
    """Of a team's agents alone: customers who wait listen to the team's own group too."""
    return f"colleagues.{code}"


CONVERSATION = "conversation."


def conversation_group(hexadecimal: str) -> str:
    return CONVERSATION + hexadecimal


WALL_GROUP = "wall"


class Listing(str):
    """A part that is a list of elements with ids of their own. While the list stays the same, an element that changes is sent alone."""

    __slots__ = ("items",)
    items: Mapping[str, str]

    def __new__(cls, html: str, items: Mapping[str, str]) -> "Listing":
        listing = super().__new__(cls, html)
        listing.items = items
        return listing


@dataclass(frozen=True)
class Stream(ABC):
    """A live panel. `key` names one instance of it; equal streams share one rendering for all their watchers.

    Nothing a stream renders may depend on who looks.
    """

    key: str
    code: ClassVar[str]
    check_every: ClassVar[float] = 15.0  # seconds after which it is read anew without a hint; with the hub's rounds on a busy machine, within 20
    least_gap: ClassVar[float] = 0.02  # seconds between readings, however few changes there are

    @property
    def name(self) -> str:
        return f"{self.code}:{self.key}"

    @abstractmethod
    def may_watch(self, agent: Agent) -> bool:
        """Whether this agent may see it; asked when the socket opens and again with every ping."""

    @classmethod
    def watched(cls, asked: Collection[tuple[Agent, "Stream"]]) -> frozenset[tuple[int, "Stream"]]:
        """`may_watch` for many at a time: those of the agents (by id) and streams for which it holds. The agents have their teams at hand."""
        return frozenset((agent.pk, stream) for agent, stream in asked if stream.may_watch(agent))

    @classmethod
    def heads(cls, streams: Sequence["Stream"]) -> Mapping[str, Hashable]:
        """By name, something cheap that differs when what a stream shows does; asked for many at a time. Streams without one are read anew instead.

        Its `repr` is the same in every process, and it leaves out nothing that a hint may be about.
        """
        return {}

    @classmethod  # noqa: B027  (most keep nothing)
    def heard(cls, groups: Collection[str]) -> None:
        """Others have changed something in these groups: what is kept of it from before is not good any more."""

    @classmethod
    def followed(cls, moved: "Sequence[Moved]") -> Mapping[str, Mapping[str, str]]:
        """By name, the parts to show of streams that others alone have moved: a few queries for any number of them. Those it leaves out are read anew."""
        return {}

    @classmethod
    def turn(cls, head: Hashable) -> float:
        """Of streams that others have changed, those with the least number are read first."""
        return 0.0

    @classmethod
    def groups_by(cls, head: Hashable) -> frozenset[str]:
        """The groups beside its own that a head tells of."""
        return frozenset()

    def own_groups(self) -> frozenset[str]:
        """Those of the groups that are known without asking: all of them for a stream that has a head."""
        return frozenset()

    def read_once(self) -> "Stream":
        """This stream for one reading: what its parts, news and groups share need not be asked for three times."""
        return self

    @abstractmethod
    def groups(self) -> frozenset[str]:
        """The groups whose hints mean that this stream may have changed. Asked anew after every rendering."""

    @abstractmethod
    def parts(self) -> Mapping[str, str]:
        """The panel's parts, by element id: each value is one element with that id, which replaces the one on the page."""

    def news(self, after: int) -> tuple[str, int]:
        """Elements to append that come after number `after` (as out-of-band swaps), and the last number there is."""
        return "", after


class Moved(NamedTuple):
    """A stream, its head as it was shown last, and its head now."""

    stream: Stream
    before: Hashable
    now: Hashable
