"""Reads a mailbox over IMAP: what is new, once, whoever of several workers comes first."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from imapclient import SEEN, IMAPClient
from imapclient.exceptions import IMAPClientError

from handoffs import clock
from handoffs.arrivals import mails, rows
from handoffs.models import InboundMail, Mailbox

logger = logging.getLogger(__name__)

LEASE, PATIENCE = timedelta(seconds=60), 10.0
AT_ONCE = 20
LARGEST = 25 * 1024 * 1024  # bytes of one mail
FAILING_AT = 5
LATELY = timedelta(days=1)
# What may be somebody's words and was not said.
NOT_TAKEN = (InboundMail.Result.UNREADABLE, InboundMail.Result.LOOP, InboundMail.Result.EXPIRED)


def read() -> int:
    """Take what came since the last time; how many mails were looked at. Without IMAP_HOST there is nothing to read."""
    if not settings.IMAP_HOST:
        return 0
    box, _ = Mailbox.objects.get_or_create(name=f"{settings.IMAP_USER}@{settings.IMAP_HOST}/{settings.IMAP_FOLDER}"[:300])
    now = clock.now()
    mine = Mailbox.objects.filter(pk=box.pk, lease_until=box.lease_until, lease_until__lte=now)
    if not mine.update(lease_until=now + LEASE):
        return 0
    box.lease_until = now + LEASE
    try:
        count = _read(box)
    except Exception as error:
        if not isinstance(error, (IMAPClientError, OSError)):
            logger.exception("a mailbox could not be read")
        _ours(box).update(failures=F("failures") + 1, error=f"{type(error).__name__}: {error}"[:300], lease_until=clock.now())
        return 0
    _ours(box).update(failures=0, error="", read_at=clock.now(), lease_until=clock.now())
    return count


def problems() -> tuple[str, ...]:
    """What supervisors and readyz should know; anybody may read it, so the user and the server's words are left to the admin pages."""
    failing = Mailbox.objects.filter(failures__gte=FAILING_AT) if settings.IMAP_HOST else []
    unread = (f"Mail at {settings.IMAP_HOST} cannot be read: {box.error.partition(':')[0]}." for box in failing)
    return (*unread, *_not_taken())


def _not_taken() -> tuple[str, ...]:
    if not settings.MAIL_REPLY_ADDRESS:
        return ()
    count = InboundMail.objects.filter(result__in=NOT_TAKEN, at__gt=clock.now() - LATELY).count()
    return (f"Mails of the last day that could not be taken: {count}. The admin names them.",) if count else ()


def _ours(box: Mailbox) -> Any:
    return Mailbox.objects.filter(pk=box.pk, lease_until=box.lease_until)


def _read(box: Mailbox) -> int:
    with IMAPClient(settings.IMAP_HOST, settings.IMAP_PORT, ssl=settings.IMAP_TLS, timeout=PATIENCE) as server:
        server.login(settings.IMAP_USER, settings.IMAP_PASSWORD)
        validity = int(server.select_folder(settings.IMAP_FOLDER)[b"UIDVALIDITY"])
        if validity != box.uid_validity:
            # Numbers of another life of the mailbox say nothing; what was taken in that one is known by its id.
            box.uid_validity, box.last_uid = validity, 0
            _ours(box).update(uid_validity=validity, last_uid=0)
        new = sorted(uid for uid in server.search(["UID", f"{box.last_uid + 1}:*"]) if uid > box.last_uid)[:AT_ONCE]
        for uid in new:
            _take(server, uid)
            # Somebody else has the mailbox when this took longer than the lease; what they take again they know.
            if not _ours(box).update(last_uid=uid):
                break
        return len(new)


def _take(server: IMAPClient, uid: int) -> None:
    size = server.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE", 0)
    if size > LARGEST:
        rows.keep(rows.key_of("too large", uid, size), result=InboundMail.Result.UNREADABLE, why=f"{size // 1024 // 1024} MB")
        return
    raw = server.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
    # What is for nobody here, or could not be taken, stays unread, for people.
    if raw is not None and mails.take(raw).result not in (InboundMail.Result.UNKNOWN, *NOT_TAKEN):
        server.add_flags([uid], [SEEN])
