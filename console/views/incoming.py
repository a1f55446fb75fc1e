"""What providers hand over: mails with our secret, short messages with theirs. Nothing is read before the signature is."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from email.message import EmailMessage
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from handoffs import arrivals

LARGEST = 25 * 1024 * 1024  # bytes
WINDOW = 300  # seconds by which the clocks may differ
NO_ANSWER = "<Response/>"
MOST_MEDIA = 10  # of one message, at this provider


class Unreadable(Exception):
    """The words are for whoever connects a provider."""


@csrf_exempt
@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """A mail as message/rfc822, or as JSON: `raw` (MIME; or `raw_base64`) with `to`, or a provider's fields as Postmark names them."""
    if not settings.MAIL_IN_SECRET:
        raise Http404
    body = request.read(LARGEST + 1)
    if len(body) > LARGEST:
        return _refused(413, f"A mail may have {LARGEST // 1024 // 1024} MB.")
    if not (_is_signed(request, body) or _has_password(request)):
        return _refused(401, "Sign as Standard Webhooks do, or send the secret as the password of HTTP Basic.")
    try:
        raw, to = (body, ()) if request.content_type == "message/rfc822" else _from_json(body)
    except Unreadable as unreadable:
        return _refused(422, str(unreadable))
    return JsonResponse({"result": arrivals.take_mail(raw, to).result})


@csrf_exempt
@require_POST
def message(request: HttpRequest, medium: str) -> HttpResponse:
    """A short message in Twilio's form."""
    if not settings.TWILIO_AUTH_TOKEN:
        raise Http404
    if not hmac.compare_digest(request.headers.get("X-Twilio-Signature", "").encode(), twilio_signature(request)):
        return _refused(403, "The signature does not fit.")
    form = request.POST
    sender = form.get("From", "").removeprefix("whatsapp:")
    try:
        media = [form.get(f"MediaUrl{number}", "") for number in range(min(int(form.get("NumMedia") or 0), MOST_MEDIA))]
        arrivals.take_message(medium, sender, form.get("Body", "").replace("\0", ""), form.get("MessageSid", ""), media)
    except (arrivals.NoCustomer, ValueError):
        return _refused(422, "From is no phone number.")
    return HttpResponse(NO_ANSWER, content_type="text/xml")


def twilio_signature(request: HttpRequest) -> bytes:
    """As Twilio computes it: of the address it knows us by, and the form in the order of its names."""
    fields = "".join(name + value for name in sorted(request.POST) for value in sorted(set(request.POST.getlist(name))))
    signed = settings.BASE_URL.rstrip("/") + request.get_full_path() + fields
    return base64.b64encode(hmac.digest(settings.TWILIO_AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1))


def _is_signed(request: HttpRequest, body: bytes) -> bool:
    """Standard Webhooks, of bytes: a mail need not be UTF-8."""
    name, at, given = (request.headers.get(f"webhook-{each}", "") for each in ("id", "timestamp", "signature"))
    if not at.isascii() or not at.isdigit() or len(at) > 12 or abs(time.time() - int(at)) > WINDOW:
        return False
    try:
        key = base64.b64decode(settings.MAIL_IN_SECRET.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    expected = b"v1," + base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + body, "sha256"))
    return any(hmac.compare_digest(each.encode(), expected) for each in given.split())


def _has_password(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    try:
        password = base64.b64decode(given, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(password, settings.MAIL_IN_SECRET.encode())


def _from_json(body: bytes) -> tuple[bytes, Iterable[str]]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("Neither message/rfc822 nor JSON.") from None
    if not isinstance(given, dict):
        raise Unreadable("The JSON must be an object.")
    to = given.get("to") or given.get("OriginalRecipient") or []
    addresses = [str(each) for each in to] if isinstance(to, list) else [str(to)]
    raw = given.get("raw") or given.get("RawEmail")
    if isinstance(raw, str):
        return raw.encode("utf-8", "replace"), addresses
    if given.get("raw_base64"):
        return _unpacked(given["raw_base64"]), addresses
    if "From" in given:
        return _composed(given), [*addresses, str(given.get("To", ""))]
    raise Unreadable("raw, raw_base64 or From is missing.")


def _composed(given: dict[str, Any]) -> bytes:
    """A mail made of a provider's fields."""
    mail = EmailMessage()
    rows = given.get("Headers") if isinstance(given.get("Headers"), list) else []
    named = {str(row.get("Name", "")): row.get("Value", "") for row in rows or [] if isinstance(row, dict)}
    wanted = {**named, **{name: given[name] for name in ("From", "To", "Cc", "Subject") if given.get(name)}}
    head = [f"{name}: {_one_line(value)}" for name, value in wanted.items() if name.isascii() and name.replace("-", "").isalnum()
            and not name.lower().startswith("content-") and name.lower() != "mime-version"]
    if not any(line.lower().startswith("message-id:") for line in head):
        head.append(f"Message-ID: <{_one_line(given.get('MessageID') or hashlib.sha256(repr(given).encode()).hexdigest())}@provider>")
    mail.set_content(_whole(given.get("TextBody") or ""))
    if given.get("HtmlBody") and not given.get("TextBody"):
        mail.set_content(_whole(given["HtmlBody"]), subtype="html")
    for file in given.get("Attachments") or []:
        if isinstance(file, dict):
            mail.add_attachment(_unpacked(file.get("Content", "")), maintype="application", subtype="octet-stream", filename=_one_line(file.get("Name", "")))
    return "\r\n".join(head).encode("utf-8", "replace") + b"\r\n" + mail.as_bytes()


def _unpacked(text: object) -> bytes:
    try:
        return base64.b64decode(str(text))
    except (binascii.Error, ValueError):
        raise Unreadable("base64 that is none.") from None


def _one_line(value: object) -> str:
    return " ".join(_whole(value).split())


def _whole(value: object) -> str:
    """Without the halves of signs that JSON can hold."""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "")


def _refused(status: int, why: str) -> JsonResponse:
    return JsonResponse({"detail": why}, status=status)
