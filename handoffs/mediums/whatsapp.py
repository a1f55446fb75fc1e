"""Messages over WhatsApp, by the same provider as text messages."""

from django.conf import settings

from handoffs.mediums import Message, twilio


class WhatsApp:
    """Off until TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and WHATSAPP_FROM are set."""

    code = "whatsapp"
    live = False
    needs = "phone"

    def is_on(self) -> bool:
        return twilio.is_on(settings.WHATSAPP_FROM)

    def send(self, message: Message) -> str:
        return twilio.send(message, settings.WHATSAPP_FROM, prefix="whatsapp:")
