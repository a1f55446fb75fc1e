"""Text messages to a phone."""

from handoffs.mediums.twilio import ByPhone


class Sms(ByPhone):
    """Off until TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and SMS_FROM are set."""

    code = "sms"
    sender = "SMS_FROM"
