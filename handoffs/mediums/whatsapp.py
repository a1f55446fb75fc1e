"""Messages over WhatsApp, by the same provider as text messages."""

from handoffs.mediums.twilio import ByPhone


class WhatsApp(ByPhone):
    """Off until TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and WHATSAPP_FROM are set."""

    code = "whatsapp"
    sender, prefix = "WHATSAPP_FROM", "whatsapp:"
