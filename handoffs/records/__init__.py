"""Plug-ins that know customers: one file each.

A source is a class with `code`, `label`, a docstring for whoever sets it up, `Settings` (a pydantic model of what it asks for, with `fresh_for`:
seconds for which what it said is not asked again), `examples` (settings, and whether they fit) and `look_up(settings, who)`, which answers `Found`,
or None when the source has no such customer, and raises Failed. It may use the network, never the database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Failed(Exception):
    """The source could not be asked, or its answer not be read. The words are for agents: short, and nothing secret in them."""


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    fresh_for: int = Field(600, ge=0, le=86_400, description="Seconds for which an answer is kept before the source is asked again.")


@dataclass(frozen=True)
class Who:
    """The customer to look for, and the rows that were imported for this source under their id or e-mail."""

    external_id: str
    email: str = ""
    name: str = ""
    imported: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What a source says of a customer, in its own names."""

    account: Mapping[str, Any] = field(default_factory=dict)
    orders: tuple[Any, ...] = ()
    tickets: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.account or self.orders or self.tickets)


def wrong(error: ValidationError) -> list[str]:
    """What is wrong with some settings, a sentence for each."""
    return [f"{'.'.join(map(str, each['loc'])) or 'settings'}: {each['msg'].removeprefix('Value error, ')}" for each in error.errors()]
