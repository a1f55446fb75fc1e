"""What a look-up over HTTP asks for: an address with places, headers without secrets, and where things stand in the answer."""

import re
from urllib.parse import parse_qsl, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from handoffs import records
from handoffs.records.paths import Path

PLACES = re.compile(r"\{(\w*)\}")
NAMES = ("external_id", "email", "name")
FINDS = ("external_id", "email")
# Nobody with the admin page alone is to read the other variables of the machine, so a secret's name begins with this.
PREFIX = "CRM_"
VARIABLE = re.compile(r"\$\{(\w*)\}")
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
SECRET = re.compile(r"auth|cookie|token|secret|passw|api.?key|^key$|signature", re.I)
NOT_OURS = ("host", "content-length", "transfer-encoding", "connection")


class Rows(BaseModel):
    """A list in the answer: where it is (empty: the whole answer) and its fields, by the name agents read; without fields, all as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Path | None = None
    fields: dict[str, Path] = {}


class HttpSettings(records.Settings):
    url: str = Field(max_length=2000)
    headers: dict[str, str] = {}
    account: dict[str, Path] = {}
    orders: Rows | None = None
    tickets: Rows | None = None
    timeout: float = Field(2.0, gt=0, le=5)  # seconds, for the whole answer

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parts, places = urlsplit(url), set(PLACES.findall(url))
        if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s\x00-\x1f\\#]", url):
            raise ValueError("must be an address that begins with https:// or http://, without spaces and #")
        if "{" in parts.netloc or "@" in parts.netloc or not _port_is_fine(url):
            raise ValueError("the host must stand there as it is, without a user, a password or a {place}")
        if not places & set(FINDS) or not places <= set(NAMES):
            raise ValueError("must hold {external_id} or {email}, may hold {name}, and no other place")
        if any(SECRET.search(name) for name, _ in parse_qsl(parts.query)):
            raise ValueError(f"a secret belongs in a header, as ${{{PREFIX}TOKEN}}, not in the address")
        return url

    @field_validator("headers")
    @classmethod
    def _hold_no_secret(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not HEADER.fullmatch(name) or name.lower() in NOT_OURS or not can_be_sent(value):
                raise ValueError(f"{name[:40]!r} cannot be sent as a header")
            if not all(variable.startswith(PREFIX) for variable in VARIABLE.findall(value)):
                raise ValueError(f"{name}: a variable's name must begin with {PREFIX}, as ${{{PREFIX}TOKEN}}")
            if SECRET.search(name) and not VARIABLE.search(value):
                raise ValueError(f"{name}: a secret is not written here; write ${{{PREFIX}TOKEN}} and set that variable where the worker runs")
        return headers

    @model_validator(mode="after")
    def _maps_something(self) -> "HttpSettings":
        if not (self.account or self.orders or self.tickets):
            raise ValueError("say where something stands in the answer: account, orders or tickets")
        return self


def can_be_sent(value: str) -> bool:
    """Whether it may stand in a header: one line of plain signs."""
    return value.isprintable() and value.isascii()


def _port_is_fine(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
