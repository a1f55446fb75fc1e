"""Where state is: the database, and the Redis that carries hints."""

import os
from typing import Any

import dj_database_url

from console.settings.environment import VAR, env_bool

TIMEOUTS = ("statement_timeout=10000", "lock_timeout=5000", "idle_in_transaction_session_timeout=15000")  # milliseconds


def database() -> dict[str, Any]:
    """SQLite in var/ by default; DATABASE_URL for PostgreSQL, with a capped pool of connections per process."""
    config: dict[str, Any] = dict(dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'baton.sqlite3'}"))
    config["CONN_MAX_AGE"] = 0
    if config["ENGINE"].endswith("sqlite3"):
        config["ENGINE"] = "console.sqlite"
        # IMMEDIATE: a deferred transaction that turns from reading to writing fails at once when somebody else writes.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;",
        }
        config["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
    else:
        config["ENGINE"] = "console.postgresql"
        config["OPTIONS"] = {
            # A host that is gone without a word is noticed after a quarter of a minute.
            "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15000,
            **config.get("OPTIONS", {}),
            "pool": {"min_size": 0, "max_size": int(os.environ.get("DATABASE_POOL", "20")), "timeout": 10, "max_lifetime": 1800},
        }
        if env_bool("BEHIND_POOLER", False):
            # Each transaction may have another connection: nothing is kept on one, and the role has the timeouts.
            config["DISABLE_SERVER_SIDE_CURSORS"] = True
        else:
            # What is planned once (handoffs/prepared), from its first run on, and for good: left to choose, the server plans some anew each time.
            config["OPTIONS"] |= {"prepare_threshold": 0, "options": "-c " + " -c ".join((*TIMEOUTS, "plan_cache_mode=force_generic_plan"))}
    return config


DATABASES = {"default": database()}

REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{VAR / 'redis.sock'}"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # redis-py gives up a read after 5 s by default, just when the layer's own blocking read ends: idle sockets die.
            "hosts": [
                {"address": REDIS_URL, "socket_timeout": 15, "socket_connect_timeout": 3, "max_connections": 5000, "health_check_interval": 30}
            ],
            "capacity": 5000,
            "expiry": 30,
            "group_expiry": 90000,
            "prefix": os.environ.get("REDIS_PREFIX", "baton"),
        },
    }
}
