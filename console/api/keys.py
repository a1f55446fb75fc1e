"""Who calls: the key in the Authorization header, and whether it is an assistant's or an agent's."""

import time

from django.db.models import CharField
from django.http import HttpRequest
from ninja.security import HttpBearer

from console.api.problems import Problem
from handoffs import roster
from handoffs.models import Agent, ApiKey, Assistant
from handoffs.prepared import Given, Prepared

_valid = Prepared(lambda: ApiKey.objects.select_related("assistant", "agent").filter(revoked_at__isnull=True, digest=Given("digest", CharField())))

# Seconds for which an assistant's key is good in a process once it was looked at: a revoked one may be for as long. Agents' keys are looked at each time.
FRESH = 1.0
_looked_at: dict[str, tuple[float, ApiKey]] = {}


class Bearer(HttpBearer):
    """Describes the header to OpenAPI. The middleware has already looked at the key."""

    def __call__(self, request: HttpRequest) -> ApiKey | None:
        return getattr(request, "api_key", None)

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        return getattr(request, "api_key", None)


def recognise(request: HttpRequest) -> ApiKey:
    """The key's row; an agent's lease is renewed. Raises Problem 401, the same for every bad key."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    key = _valid_key(ApiKey.digest_of(secret.strip())) if scheme.lower() == "bearer" and secret.strip() else None
    if key is None or (key.agent and not key.agent.is_active):
        raise Problem(401, "unauthorized", "Send a valid key: Authorization: Bearer KEY.", headers={"WWW-Authenticate": "Bearer"})
    if key.agent:
        roster.renew(key.agent, roster.API_LEASE)
    return key


def caller(request: HttpRequest) -> ApiKey:
    return request.api_key  # type: ignore[attr-defined, no-any-return]


def assistant(request: HttpRequest) -> Assistant:
    """Raises Problem 403 for an agent's key."""
    if found := caller(request).assistant:
        return found
    raise Problem(403, "forbidden", "This needs an assistant's key.")


def agent(request: HttpRequest) -> Agent:
    """Raises Problem 403 for an assistant's key."""
    if found := caller(request).agent:
        return found
    raise Problem(403, "forbidden", "This needs an agent's key.")


def _valid_key(digest: str) -> ApiKey | None:
    now, (read_at, key) = time.monotonic(), _looked_at.get(digest, (-FRESH, None))
    if key and now - read_at < FRESH:
        return key
    key = _valid.first(digest=digest)
    if key and key.assistant_id:
        _looked_at[digest] = now, key
    else:
        _looked_at.pop(digest, None)
    return key
