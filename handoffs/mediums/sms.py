"""Text messages to a phone."""

from django.conf import settings

from handoffs.mediums import Message, twilio


class Sms:
    """Off until TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and SMS_FROM are set."""

    code = "sms"
    live = False
    needs = "phone"

    def is_on(self) -> bool:
        return twilio.is_on(settings.SMS_FROM)

    def send(self, message: Message) -> str:
        return twilio.send(message, settings.SMS_FROM)
