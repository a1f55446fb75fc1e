"""What the log says in one line: while Redis is away beat fails several times a second, each time with a page of what led there."""

import logging


class OneLine(logging.Filter):
    """Keeps the first line of a message, without the stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args, record.exc_info = record.getMessage().partition("\n")[0], (), None
        return True
