"""Letters to customers who left an address and closed the page."""

from django.core.mail import EmailMessage


class Email:
    """Sends plain-text mail through Django's mail settings."""

    code = "email"
    live = False

    def send(self, to: str, subject: str, text: str) -> None:
        """Raises OSError or smtplib.SMTPException when the mail server does not take it."""
        EmailMessage(" ".join(subject.split()), text, to=[to]).send()
