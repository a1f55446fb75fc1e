"""Some statements are planned once for each connection and sent without waiting for each answer; a connection that was cut is found out without a question."""

import select
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import Error
from django.db.backends.postgresql import base, operations
from django.db.backends.postgresql.psycopg_any import errors, mogrify
from psycopg.pq import TransactionStatus

# What was planned fits no more: a migration changed what comes back, or somebody threw it away.
OUTDATED = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)
Text = tuple[str, Sequence[Any]]


class DatabaseOperations(operations.DatabaseOperations):
    """For those who count and read statements."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        return self.compose_sql(sql, params) if isinstance(cursor, base.ServerBindingCursor) else super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection out of the pool."""

    ops_class = DatabaseOperations

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
        """The rows of each statement, in order; each must answer with some. They are planned once for each connection, and anew when the plans are
        outdated; in the middle of a transaction that is an error, and the rollback makes the next one good.
        """
        self.close_if_health_check_failed()
        self.ensure_connection()
        begins = self._is_idle()
        try:
            return self._run_once(statements)
        except Error as error:
            if not (begins and isinstance(error.__cause__, OUTDATED)):
                raise
            self._forget_plans()
            return self._run_once(statements)

    def written(self, value: Any) -> str:
        """The value as it stands in a statement's text."""
        return str(mogrify("%s", [value], self))

    def _run_once(self, statements: Sequence[Text]) -> list[list[Any]]:
        with self.wrap_database_errors:
            with self._one_trip(len(statements)):
                cursors = [self._prepare_cursor(base.ServerBindingCursor(self.connection)) for _ in statements]
                for cursor, (text, values) in zip(cursors, statements, strict=True):
                    cursor.execute(text, values)
            return [cursor.fetchall() for cursor in cursors]

    def _forget_plans(self) -> None:
        """A rollback makes psycopg forget them, and have the server forget them; also the end of a transaction that was not to be begun."""
        with self.wrap_database_errors:
            if self._is_idle():
                self.connection.execute("BEGIN")
            self.connection.rollback()

    def _is_idle(self) -> bool:
        """Whether no transaction has begun on the connection."""
        return bool(self.connection.pgconn.transaction_status == TransactionStatus.IDLE)

    def _one_trip(self, count: int) -> AbstractContextManager[Any]:
        """Also for a single statement, when the transaction's BEGIN goes with it."""
        begins = not self.connection.autocommit and self._is_idle()
        return self.connection.pipeline() if count > 1 or begins else nullcontext()


def _was_cut(connection: Any) -> bool:
    """Whether the server has something to say though nobody asked: that it has gone."""
    if connection.closed:
        return True
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))
