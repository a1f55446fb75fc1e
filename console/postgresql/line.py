"""Statements in one trip: all are written at once, then their answers are read; on the server each is planned once for a connection.

psycopg's own pipeline writes at each statement and looks whether there is an answer yet; each look costs a thread its turn.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import count
from typing import Any, NamedTuple

from psycopg import Connection, errors, generators
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Text = tuple[str, Sequence[Any]]
Row = tuple[Any, ...]
Command = Callable[[], None]
BEGIN, COMMIT = b"BEGIN", b"COMMIT"
# Each takes memory of the server for as long as its connection lives.
MOST_PLANNED = 500
# What was planned fits no more: a migration changed what comes back, or somebody threw it away.
OUTDATED = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)


class Plan(NamedTuple):
    """What the server plans: a statement as it reads it, and the types of its values."""

    text: bytes
    types: tuple[int, ...]


class Written(NamedTuple):
    """A statement with its values as the server reads them."""

    plan: Plan
    values: Sequence[Any]
    formats: Sequence[Any] | None


class Line:
    """The way to the server over one connection, and the names of what is planned there."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection, self._server, self._python = connection, connection.pgconn, Transformer(connection)
        self._planned: dict[Plan, bytes] = {}
        self._numbers = count()

    @property
    def is_idle(self) -> bool:
        """Whether no transaction has begun on the connection."""
        return bool(self._server.transaction_status == TransactionStatus.IDLE)

    @property
    def has_failed(self) -> bool:
        """Whether a statement of the transaction has: it can only be rolled back."""
        return bool(self._server.transaction_status == TransactionStatus.INERROR)

    def run(self, statements: Sequence[Text], *, commits: bool = False) -> list[list[Row]]:
        """The rows of each statement, in order. A transaction that is yet to begin begins with them; `commits`: it ends with them.

        What is outdated is planned anew; in the middle of a transaction that is an error, and after it the next one is good.
        """
        if len(self._planned) >= MOST_PLANNED and not self.has_failed:
            self._forget()
        written, begins = [self._written(*each) for each in statements], self.is_idle
        try:
            return self._answers(written, commits)
        except OUTDATED:
            self._planned.clear()
            if not begins:
                raise
            self._connection.rollback()
            return self._answers(written, commits)

    def _forget(self) -> None:
        """Over a cursor of psycopg's, which then forgets what it has planned itself; a transaction is not touched by it."""
        self._connection.execute("DEALLOCATE ALL")
        self._planned.clear()

    def _written(self, text: str, values: Sequence[Any]) -> Written:
        dumped = self._python.dump_sequence(values, [PyFormat.AUTO] * len(values))
        return Written(Plan(_numbered(text), self._python.types or ()), dumped, self._python.formats)

    def _answers(self, written: Sequence[Written], commits: bool) -> list[list[Row]]:
        """Raises the first error of the trip."""
        begin, new, commit = [BEGIN] if self.is_idle and not self._connection.autocommit else [], self._new(written), [COMMIT] if commits else []
        commands: list[Command] = [*map(self._plain, begin), *(partial(self._server.send_prepare, name, *plan) for plan, name in new.items()),
                                   *self._asking(written, new), *map(self._plain, commit)]
        with self._connection.lock:
            results = self._connection.wait(self._trip(commands))
        planned = zip(new.items(), results[len(begin):], strict=False)
        self._planned |= {plan: name for (plan, name), result in planned if result.status == ExecStatus.COMMAND_OK}
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result, encoding=self._connection.info.encoding)
        first = len(begin) + len(new)
        return [self._rows(result) for result in results[first:first + len(written)]]

    def _plain(self, text: bytes) -> Command:
        return partial(self._server.send_query_params, text, None)

    def _new(self, written: Sequence[Written]) -> dict[Plan, bytes]:
        """What is to be planned first, with its names; nothing where the next transaction may have another connection."""
        if self._connection.prepare_threshold is None:
            return {}
        return {plan: f"line_{next(self._numbers)}".encode() for plan in dict.fromkeys(each.plan for each in written) if plan not in self._planned}

    def _asking(self, written: Sequence[Written], new: dict[Plan, bytes]) -> Iterator[Command]:
        for plan, values, formats in written:
            if name := self._planned.get(plan) or new.get(plan):
                yield partial(self._server.send_query_prepared, name, values, param_formats=formats)
            else:
                yield partial(self._server.send_query_params, plan.text, values, param_types=plan.types, param_formats=formats)

    def _trip(self, commands: Sequence[Command]) -> PQGen[list[PGresult]]:
        results: list[PGresult] = []
        self._server.enter_pipeline_mode()
        try:
            for send in commands:
                send()
            self._server.pipeline_sync()
            yield from generators.send(self._server)
            for _ in (*commands, "sync"):
                results += yield from generators.fetch_many(self._server)
        finally:
            if self._server.status != ConnStatus.BAD:
                self._server.exit_pipeline_mode()
        return results[: len(commands)]

    def _rows(self, result: PGresult) -> list[Row]:
        self._python.set_pgresult(result)
        return self._python.load_rows(0, result.ntuples, tuple)


@lru_cache(maxsize=1000)
def _numbered(text: str) -> bytes:
    """Its places as PostgreSQL writes them: $1, $2, …"""
    numbers = count(1)
    return re.sub("%[%s]", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", text).encode()
