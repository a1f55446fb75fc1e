"""PostgreSQL as Django has it, with statements that are planned once and sent together, and connections that are found to be cut without a question."""

import select
from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.transaction import TransactionManagementError

from console.postgresql.line import Line, Text

Read = Callable[[list[list[Any]]], object]


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection out of the pool."""

    _kept: tuple[Sequence[Text], Read] | None = None

    def get_new_connection(self, conn_params: Any) -> Any:
        """One that the server has not ended: the pool's own check would ask it something for each request."""
        connection = super().get_new_connection(conn_params)
        for _ in range(self.pool.max_size if self.pool else 0):
            if not _was_cut(connection):
                break
            connection.close()
            self.pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        return connection

    def run_together(self, statements: Sequence[Text]) -> list[list[Any]]:
        """The rows of each statement, in order; each must answer with some. They are planned once for each connection."""
        self._run_kept()
        return self._run(statements)

    def run_last(self, statements: Sequence[Text], read: Read) -> None:
        """Run them in one trip with the COMMIT, or before whatever else is asked first; `read` is given their rows then."""
        self._run_kept()
        self._kept = statements, read
        if not self.in_atomic_block:
            self._run_kept()

    def written(self, value: Any) -> str:
        """The value as it stands in a statement's text."""
        return str(mogrify("%s", [value], self))

    def _cursor(self, name: str | None = None) -> Any:
        self._run_kept()
        return super()._cursor(name)  # type: ignore[misc]

    def _commit(self) -> None:
        """Raises an error when a statement of the transaction had failed and somebody passed over that: the server would roll back without a word."""
        if self._kept:
            self._run_kept(commits=True)
        elif self.connection and self._line().has_failed:
            raise TransactionManagementError("a statement of this transaction has failed")
        else:
            super()._commit()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        """What is kept came after the savepoint, which ran what was kept before it."""
        self._kept = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _rollback(self) -> None:
        self._kept = None
        super()._rollback()  # type: ignore[misc]

    def _close(self) -> None:
        self._kept = None
        super()._close()  # type: ignore[misc]

    def _run_kept(self, *, commits: bool = False) -> None:
        kept, self._kept = self._kept, None
        if kept:
            statements, read = kept
            read(self._run(statements, commits=commits))

    def _run(self, statements: Sequence[Text], *, commits: bool = False) -> list[list[Any]]:
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.validate_thread_sharing()
        self.validate_no_broken_transaction()
        self._show(statements)
        with self.wrap_database_errors:
            return self._line().run(statements, commits=commits)

    def _line(self) -> Line:
        """It stays with its connection, which goes back to the pool."""
        if not hasattr(self.connection, "line"):
            self.connection.line = Line(self.connection)
        return self.connection.line  # type: ignore[no-any-return]

    def _show(self, statements: Sequence[Text]) -> None:
        """To those who count or read statements, since these pass no cursor."""
        for text, values in statements:
            if self.queries_logged:
                self.queries_log.append({"sql": self.ops.compose_sql(text, values), "time": "0.000"})
            for wrapper in self.execute_wrappers:
                wrapper(lambda *_: None, text, values, False, {"connection": self})


def _was_cut(connection: Any) -> bool:
    """Whether the server has something to say though nobody asked: that it has gone."""
    if connection.closed:
        return True
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))
