"""Another server's sockets take the frames that the hub has encoded."""

import asyncio
from typing import Any

import uvicorn
from websockets.asyncio.client import connect

from console.hub.outbox import Frames, Outbox
from tests.console.test_hub import until


async def speak(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    assert scope["extensions"]["baton.write"]
    outbox = Outbox(scope, send, lambda: None)
    outbox.put(Frames("one", "ß" * 40_000))
    await send({"type": "websocket.send", "text": "three"})
    outbox.put(Frames("four"))
    await receive()


async def test_under_uvicorn_encoded_frames_and_messages_arrive_whole_and_in_order() -> None:
    server = uvicorn.Server(uvicorn.Config(speak, port=0, ws="console.uvicorn:LiveProtocol", lifespan="off", log_level="error"))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    async with connect(f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/") as page:
        assert [await page.recv() for _ in range(4)] == ["one", "ß" * 40_000, "three", "four"]
    server.should_exit = True
    await serving
