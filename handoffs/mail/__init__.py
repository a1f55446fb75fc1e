"""Mails as they come in, read without a doubt about their form: whatever bytes arrive, something is made of them, and nothing here raises or asks anybody."""

from handoffs.mail.kinds import Kind, kind_of
from handoffs.mail.reading import Attached, Mail, read

__all__ = ["Attached", "Kind", "Mail", "kind_of", "read"]
