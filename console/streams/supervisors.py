"""A page that all supervisors see alike: who may watch it, what makes it change, and its parts from the templates of their names."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django.template.loader import render_to_string

from console.streams.base import WALL_GROUP, Stream
from handoffs.models import Agent


class SupervisorsPage(Stream):
    """One for everybody; its key is "all"."""

    names: ClassVar[tuple[str, ...]]

    @abstractmethod
    def context(self) -> dict[str, Any]:
        """What its parts show."""

    def may_watch(self, agent: Agent) -> bool:
        return agent.is_supervisor and self.key == "all"

    def groups(self) -> frozenset[str]:
        return frozenset([WALL_GROUP])

    def parts(self) -> Mapping[str, str]:
        context = self.context()
        return {name: render_to_string(f"console/_partials/{name.replace('-', '_')}.html", context) for name in self.names}
