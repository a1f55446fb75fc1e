"""Other people's servers: mail, telephones, webhooks and a language model; and the files customers send."""

import os

from console.settings.environment import VAR, env_bool, env_list

EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 5
# Where answers to letters go, as reply@mail.example: a signed part is put before the @. Without one, nobody reads answers.
MAIL_REPLY_ADDRESS = os.environ.get("MAIL_REPLY_ADDRESS", "")
# What a mail provider signs with, or gives as its password, when it hands over a mail: whsec_…
MAIL_IN_SECRET = os.environ.get("MAIL_IN_SECRET", "")
IMAP_HOST = os.environ.get("IMAP_HOST", "")
IMAP_PORT = int(os.environ.get("IMAP_PORT", "993"))
IMAP_USER = os.environ.get("IMAP_USER", "")
IMAP_PASSWORD = os.environ.get("IMAP_PASSWORD", "")
IMAP_FOLDER = os.environ.get("IMAP_FOLDER", "INBOX")
IMAP_TLS = env_bool("IMAP_TLS", True)
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "help@baton.example")

# Twilio, or whatever speaks as it does.
TWILIO_BASE_URL = os.environ.get("TWILIO_BASE_URL", "https://api.twilio.com")
TWILIO_ACCOUNT_SID = os.environ.get("TWILIO_ACCOUNT_SID", "")
TWILIO_AUTH_TOKEN = os.environ.get("TWILIO_AUTH_TOKEN", "")
SMS_FROM = os.environ.get("SMS_FROM", "")
WHATSAPP_FROM = os.environ.get("WHATSAPP_FROM", "")

# Private networks that webhooks may reach all the same, as 10.1.0.0/16, and without TLS.
WEBHOOK_NETWORKS = env_list("WEBHOOK_NETWORKS", "")

# Whether customers may send files.
FILES = env_bool("FILES", False)
FILES_LARGEST = int(os.environ.get("FILES_LARGEST", str(10 * 1024 * 1024)))  # bytes

# An OpenAI-compatible endpoint that words briefs better, as https://models.example/v1; without one nothing is ever sent.
LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "")
LLM_MODEL = os.environ.get("LLM_MODEL", "")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "")
LLM_BUDGET = float(os.environ.get("LLM_BUDGET", "10"))
