"""What SMS and WhatsApp share: messages through Twilio's REST shape, at whatever address speaks it."""

import asyncio
import base64
from urllib.parse import urljoin

import httpx
from django.conf import settings

from handoffs import outgoing
from handoffs.mediums import Message, Rejected

TIMEOUT = 4.0  # seconds
MEDIA_TIMEOUT = 20.0  # for all hops together
HOPS = 3
# Refusals that pass by themselves.
NOT_NOW = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY, httpx.codes.TOO_MANY_REQUESTS)
# Of what is answered with 400, what is said of the number we write to: it is none, has opted out, or is no mobile's. The rest may be our own set-up,
# as a number to send from that may not (21606, 21612) or a country that is not allowed (21408).
NEVER_THERE = (21211, 21214, 21265, 21610, 21614, 21635)


class ByPhone:
    """A medium of the provider's: `sender` names the setting of the number to send from, `prefix` stands before numbers."""

    live = False
    needs = "phone"
    sender = prefix = ""

    def is_on(self) -> bool:
        return is_on(getattr(settings, self.sender))

    def send(self, message: Message) -> str:
        return send(message, getattr(settings, self.sender), self.prefix)


def is_on(sender: str) -> bool:
    return bool(sender and settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN)


def send(message: Message, sender: str, prefix: str = "") -> str:
    """The provider's id of the message. Raises Rejected when the number will never take it, httpx.HTTPError and RuntimeError when it was not taken now."""
    if not is_on(sender):
        raise RuntimeError("TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and the number to send from are not set where the worker runs")
    account = settings.TWILIO_ACCOUNT_SID
    answer = httpx.post(
        f"{_account()}/Messages.json", auth=(account, settings.TWILIO_AUTH_TOKEN),
        data={"To": prefix + message.to, "From": prefix + sender, "Body": message.text}, timeout=TIMEOUT, trust_env=False,
    )
    said = _said(answer)
    code = said.get("code", "")
    if not answer.is_success and code in NEVER_THERE:
        raise Rejected(f"{code} {said.get('message', 'refused')}"[:200])
    if not answer.is_success:
        # The code alone: in the words stands the customer's number.
        raise RuntimeError(f"answered {answer.status_code} {code}".strip()[:200])
    return str(said.get("sid", ""))[:100]


def is_its_own(url: str) -> bool:
    """Whether it is one address of our account at the provider."""
    return url.startswith(f"{_account()}/") and not any(map(str.isspace, url))


async def fetch(url: str) -> bytes:
    """What stands at an address: the provider's own is asked with our key, where it sends us for the bytes without, and private networks never are.

    Raises Rejected for what will never be had, httpx.HTTPError, OSError and RuntimeError for what may be had later.
    """
    headers = _key() if is_its_own(url) else {}
    async with asyncio.timeout(MEDIA_TIMEOUT):
        for _ in range(HOPS):
            try:
                async with outgoing.asked("GET", url, headers, timeout=MEDIA_TIMEOUT, allowed=outgoing.networks(tuple(settings.WEBHOOK_NETWORKS))) as answer:
                    if not answer.has_redirect_location:
                        return await _bytes(answer)
                    url, headers = urljoin(url, answer.headers["Location"]), {}
            except outgoing.Refused as refused:
                raise Rejected(str(refused)) from None
    raise Rejected("leads from place to place")


def _key() -> dict[str, str]:
    key = base64.b64encode(f"{settings.TWILIO_ACCOUNT_SID}:{settings.TWILIO_AUTH_TOKEN}".encode()).decode()
    return {"Authorization": f"Basic {key}"}


async def _bytes(answer: httpx.Response) -> bytes:
    if answer.is_client_error and answer.status_code not in NOT_NOW:
        raise Rejected(f"answered {answer.status_code}")
    if answer.status_code != httpx.codes.OK:
        raise RuntimeError(f"answered {answer.status_code}")
    body = bytearray()
    async for part in answer.aiter_raw():
        body += part
        if len(body) > settings.FILES_LARGEST:
            raise Rejected("is too large")
    return bytes(body)


def _account() -> str:
    return f"{settings.TWILIO_BASE_URL.rstrip('/')}/2010-04-01/Accounts/{settings.TWILIO_ACCOUNT_SID}"


def _said(answer: httpx.Response) -> dict[str, object]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
