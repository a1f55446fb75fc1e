"""A firm's own log of its waiting room, as CSV or JSON lines: read row by row, refused with the number of the line that cannot be."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf, isfinite
from pathlib import Path
from typing import Any

Span = tuple[float, float]


@dataclass
class Visit:
    """One who came: seconds since 1970; `start` and `end` of the conversation and its agent, or when they left."""

    arrive: float
    start: float = inf
    end: float = inf
    leave: float = inf
    agent: str = ""
    kind: str = ""


@dataclass
class TeamLog:
    """A team's visits in order of arrival, and when each agent was on duty."""

    visits: list[Visit] = field(default_factory=list)
    duty: dict[str, list[Span]] = field(default_factory=dict)


def read(path: Path) -> dict[str, TeamLog]:
    """By team. A row is a visit (arrive, start, end, leave, team, agent, kind) or an interval on duty (agent, team, on, off).

    Times are ISO 8601 (without a zone: UTC) or seconds. Raises ValueError that names the file and the line.
    """
    teams: dict[str, TeamLog] = {}
    for number, row in _rows(path):
        try:
            _add(teams.setdefault(str(row.get("team") or ""), TeamLog()), row)
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    for log in teams.values():
        log.visits.sort(key=lambda visit: visit.arrive)
    if not any(log.visits for log in teams.values()):
        raise ValueError(f"{path}: no row with a time in `arrive`")
    return teams


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from _csv(lines, path) if path.suffix.lower() == ".csv" else _json(lines, path)
    except UnicodeDecodeError as error:
        raise ValueError(f"{path}: {error}") from None


def _csv(lines: Any, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = csv.DictReader(lines, strict=True)
    try:
        for row in rows:
            if None in row or None in row.values():
                raise ValueError(f"{path}, line {rows.line_num}: not as many fields as the first line names")
            yield rows.line_num, row
    except csv.Error as error:
        raise ValueError(f"{path}, line {rows.line_num}: {error}") from None


def _json(lines: Any, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
        if not isinstance(row, dict):
            raise ValueError(f"{path}, line {number}: not a JSON object")
        yield number, row


def _add(log: TeamLog, row: dict[str, Any]) -> None:
    agent, times = str(row.get("agent") or ""), {name: _moment(name, row.get(name)) for name in ("arrive", "start", "end", "leave", "on", "off")}
    if times["arrive"] == inf:
        log.duty.setdefault(_named(agent, "on"), []).append(_in_order("on", "off", times))
        return
    visit = Visit(times["arrive"], times["start"], times["end"], times["leave"], agent, str(row.get("kind") or ""))
    if (visit.start == inf) == (visit.leave == inf):
        raise ValueError("a visit has either a `start` or a `leave`")
    if visit.start < inf:
        _named(agent, "start")
        _in_order("start", "end", times)
    if min(visit.start, visit.leave) < visit.arrive:
        raise ValueError("the clock runs backwards: `start` or `leave` before `arrive`")
    log.visits.append(visit)


def _named(agent: str, field_: str) -> str:
    if not agent:
        raise ValueError(f"a row with `{field_}` names its `agent`")
    return agent


def _in_order(first: str, last: str, times: dict[str, float]) -> Span:
    if times[first] == inf or times[last] == inf:
        raise ValueError(f"`{first}` and `{last}` belong together (a visit has a time in `arrive`)")
    if times[last] < times[first]:
        raise ValueError(f"the clock runs backwards: `{last}` before `{first}`")
    return times[first], times[last]


def _moment(name: str, value: Any) -> float:
    """Seconds since 1970; inf when there is none."""
    if value is None or value == "":
        return inf
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = _clock(name, value)
    if isinstance(value, bool) or not isfinite(seconds):
        raise ValueError(f"`{name}` is no time: {str(value)[:40]!r}")
    return seconds


def _clock(name: str, value: Any) -> float:
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(f"`{name}` is no time: {str(value)[:40]!r}") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
