"""Letters to customers who left an address and closed the page, or who are reached by e-mail alone."""

import re
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage

from handoffs.mediums import Message, Rejected

# RFC 3463: no such mailbox, domain or address, moved, or switched off. Every other refusal may be our own fault, as of who may not send through this server.
NEVER_THERE = re.compile(rb"5\.(1\.([1-46]|10)|2\.1)\b")


class Email:
    """Sends plain-text mail through Django's mail settings."""

    code = "email"
    live = False
    needs = "email"

    def is_on(self) -> bool:
        return True

    def send(self, message: Message) -> str:
        """The Message-ID. Raises Rejected when the mail server says that there is no such address, OSError or smtplib.SMTPException when it takes none now."""
        # Answers come to the signed address; what cannot be delivered is reported to the one the letter is sent from.
        headers = {"From": settings.DEFAULT_FROM_EMAIL, **({"Message-ID": message.id} if message.id else {}), **message.headers}
        reply_to = [message.answers_to] if message.answers_to else None
        mail = EmailMessage(" ".join(message.subject.split()), message.text, message.sender or None, [message.to], reply_to=reply_to, headers=headers)
        try:
            mail.send()
        except SMTPRecipientsRefused as refused:
            code, words = next(iter(refused.recipients.values()), (0, b""))
            if NEVER_THERE.match(words):
                raise Rejected(f"{code} {words.decode('utf-8', 'replace')}"[:200]) from None
            raise
        return message.id
