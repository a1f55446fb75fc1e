"""Refuses a body that is larger than anything taken here while it comes in: the web server keeps a request whole before anybody can look at it."""

from daphne.http_protocol import WebRequest
from django.conf import settings

from handoffs import files

MEGABYTE = 1024 * 1024
# Mails handed over and histories for a replay; each is held to its own limit where it is read.
LEAST = 32 * MEGABYTE
REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def largest() -> int:
    """Bytes a body may have: where files are on, as many as may be sent at once, and the form around them."""
    return max(LEAST, files.MOST_AT_ONCE * settings.FILES_LARGEST + MEGABYTE if files.allowed() else 0)


class LimitedRequest(WebRequest):
    """Daphne's, which hangs up on what announces itself as too large, and on what becomes so."""

    taken = 0

    def gotLength(self, length: int | None) -> None:
        super().gotLength(min(length or 0, LEAST) if length is not None else None)
        if length is not None and length > largest():
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        self.taken += len(data)
        if self.taken <= largest():
            super().handleContentChunk(data)
        elif self.taken - len(data) <= largest():
            self._refuse()

    def process(self) -> None:
        # The end of a body may come with what was too much of it.
        if self.taken <= largest():
            super().process()

    def _refuse(self) -> None:
        self.requestHeaders.removeHeader(b"Expect")
        self.channel.transport.write(REFUSAL)
        self.channel.loseConnection()
