"""Daphne's websocket, with two things more: it takes encoded frames, and an application may close with 1012 and 1013."""

from daphne.ws_protocol import WebSocketProtocol


class LiveProtocol(WebSocketProtocol):
    """What `console.web` speaks with browsers."""

    # Time for a reader that was given up to read why.
    closeHandshakeTimeout = 5
    # When thousands come back at once, the last of them have to wait for a while.
    openHandshakeTimeout = 20

    def write_frame(self, frame: bytes) -> int:
        """Hand an encoded frame to the system at once, when nothing waits before it; how many bytes are left waiting."""
        transport = self.transport
        if self.state != self.STATE_OPEN:
            return 0
        if transport.TLS or transport.dataBuffer or transport._tempDataLen:
            transport.write(frame)
        else:
            # Most sockets take everything at once; a turn through the reactor would cost three times as much.
            taken = transport.writeSomeData(frame)
            if not isinstance(taken, int) or taken < len(frame):
                transport.write(frame[taken:] if isinstance(taken, int) else frame)
        return len(transport.dataBuffer) + int(transport._tempDataLen)

    def serverClose(self, code: int | None = None) -> None:
        # Daphne's would refuse the codes for "restarting" and "try again later".
        self.sendCloseFrame(code=code or 1000, isReply=False)
