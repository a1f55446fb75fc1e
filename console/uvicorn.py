"""uvicorn's websocket, with one thing more: it takes encoded frames. For `uvicorn --ws console.uvicorn:LiveProtocol`."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request


class LiveProtocol(WebSocketsSansIOProtocol):
    """Passes on what the hub has encoded once for all sockets; uvicorn's own would encode it anew for each."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        # Its application begins in the loop's next round.
        self.scope["extensions"]["baton.write"] = self.write_frame  # type: ignore[assignment]

    def write_frame(self, frame: bytes) -> int:
        """Hand an encoded frame to the system; how many bytes are left waiting."""
        if self.close_sent or self.transport.is_closing():
            return 0
        self.transport.write(frame)
        return self.transport.get_write_buffer_size()
