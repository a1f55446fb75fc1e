"""The API's description: what ninja knows, and what the middleware adds to every operation."""

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from console.api.outputs import ProblemShown

DESCRIPTION = """How assistants and other systems talk to Baton.

Send `Authorization: Bearer KEY`. A key belongs to one assistant or one agent, and sees only what is theirs. Errors are
`application/problem+json`. Every POST takes an `Idempotency-Key`."""

PROBLEMS = {
    400: "The body is not JSON in UTF-8, or is nested too deep.",
    401: "No valid key.",
    403: "This key may not do that.",
    404: "Nothing here for this key: unknown and foreign look the same.",
    409: "The conversation has moved on, or the first request with this Idempotency-Key still runs. Nothing was stored.",
    413: "The body is larger than 256 kB.",
    415: "The body is not application/json.",
    422: "A field is wrong, each with its path and the reason; or the Idempotency-Key was used for another request.",
}
ON_GET = (401, 403, 404, 422)
REPEATS = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "required": False,
    "description": "Repeating the request with the same key returns the first answer, with Idempotency-Replayed: true.",
}


class DescribedAPI(NinjaAPI):
    """Adds the problems and the Idempotency-Key to every operation."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        described = ProblemShown.model_json_schema(ref_template="#/components/schemas/{model}")
        schema["components"]["schemas"].update({**described.pop("$defs", {}), "Problem": described})
        for methods in schema["paths"].values():
            for method, operation in methods.items():
                _describe(method, operation)
        return schema


def _describe(method: str, operation: dict[str, Any]) -> None:
    statuses = ON_GET if method == "get" else tuple(PROBLEMS)
    for status in statuses:
        operation["responses"][status] = {"description": PROBLEMS[status], "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status),
        }}}
    if method == "post":
        operation["parameters"] = [*operation["parameters"], REPEATS]


def _example(status: int) -> dict[str, Any]:
    more: dict[int, dict[str, Any]] = {
        409: {"type": "/problems/stale", "title": "Conflict", "detail": "Somebody else was faster.", "owner": {"kind": "agent", "name": "Ann"}, "epoch": 3},
        422: {"type": "/problems/invalid", "title": "Unprocessable Entity", "detail": "customer.email: must be an e-mail address",
              "errors": [{"field": "customer.email", "reason": "must be an e-mail address"}]},
    }
    return {"status": status, "detail": PROBLEMS[status], "errors": [], **more.get(status, {})}
