"""What SMS and WhatsApp share: messages through Twilio's REST shape, at whatever address speaks it."""

import httpx
from django.conf import settings

from handoffs.mediums import Message, Rejected

TIMEOUT = 4.0  # seconds
BY_ITS_OWN_FAULT = httpx.codes.BAD_REQUEST


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
        f"{settings.TWILIO_BASE_URL.rstrip('/')}/2010-04-01/Accounts/{account}/Messages.json", auth=(account, settings.TWILIO_AUTH_TOKEN),
        data={"To": prefix + message.to, "From": prefix + sender, "Body": message.text}, timeout=TIMEOUT, trust_env=False,
    )
    said = _said(answer)
    if answer.status_code == BY_ITS_OWN_FAULT:
        raise Rejected(f"{said.get('code', '')} {said.get('message', 'refused')}".strip()[:200])
    if not answer.is_success:
        raise RuntimeError(f"answered {answer.status_code}")
    return str(said.get("sid", ""))[:100]


def _said(answer: httpx.Response) -> dict[str, object]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
