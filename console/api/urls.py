"""The API's addresses, each with its middleware; whatever else is asked for is a problem too."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from console.api import problems
from console.api.agents import router as agents
from console.api.callbacks import router as callbacks
from console.api.conversations import router as conversations
from console.api.handoffs import router as handoffs
from console.api.keys import Bearer
from console.api.middleware import guarded, nowhere
from console.api.offers import router as offers
from console.api.openapi import DESCRIPTION, DescribedAPI
from console.api.parsing import ReadAlready
from console.api.turns import router as turns
from console.api.uploads import router as uploads
from console.api.webhooks import router as webhooks

OPEN_TO_ALL = ("openapi-json", "openapi-view")

api = DescribedAPI(title="Baton", version="1", description=DESCRIPTION, urls_namespace="api", auth=Bearer(), parser=ReadAlready())
problems.handle(api)
api.add_router("/conversations", conversations)
api.add_router("/conversations", turns)
api.add_router("/conversations", uploads)
api.add_router("/conversations", callbacks)
api.add_router("/handoffs", handoffs)
api.add_router("/offers", offers)
api.add_router("/agents", agents)
api.add_router("/webhooks", webhooks)


def addresses() -> list[URLPattern | URLResolver]:
    found, _, _ = api.urls
    for pattern in found:
        if isinstance(pattern, URLPattern) and pattern.name not in OPEN_TO_ALL:
            pattern.callback = nowhere if pattern.name == "api-root" else guarded(pattern.callback)
    return [*found, re_path("", nowhere)]


urlpatterns = [path("", include((addresses(), "ninja"), namespace="api"))]
