"""The ASGI application: Django for HTTP, one consumer for websockets."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
django.setup(set_prefix=False)

# The rest needs Django's apps to be loaded.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import OriginValidator  # noqa: E402
from django.conf import settings  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from console import warming  # noqa: E402
from console.consumers import AgentSocket, CustomerSocket, LiveSocket  # noqa: E402
from console.handler import Handler  # noqa: E402

warming.judge_something()
warming.settle()

# Channels routes to applications; Django's types know views alone.
websocket_urls = [
    path("live/", AgentSocket.as_asgi()),  # type: ignore[arg-type]
    path("live/c/<str:token>/", CustomerSocket.as_asgi()),  # type: ignore[arg-type]
    # Whatever else is asked for is refused, not an error.
    re_path("", LiveSocket.as_asgi()),  # type: ignore[arg-type]
]

application = ProtocolTypeRouter(
    {
        "http": Handler(),
        # Scheme, host and port are compared; AllowedHostsOriginValidator would look at the host alone.
        "websocket": OriginValidator(URLRouter(websocket_urls), settings.TRUSTED_ORIGINS),
    }
)
