"""Settings: everything runs without any; environment variables change whatever an installation must change."""

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url

# One text is too little work for several threads: they would only wait for each other, ten times as long. Read when numpy is first imported.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("BATON_VAR", BASE_DIR / "var"))


def env_bool(name: str, default: bool) -> bool:
    """Raises ValueError for anything but true/false, 1/0, yes/no."""
    value = os.environ.get(name, str(default)).strip().lower()
    if value not in ("true", "false", "1", "0", "yes", "no"):
        raise ValueError(f"{name} must be true or false, not {value!r}")
    return value in ("true", "1", "yes")


def env_list(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def secret_key() -> str:
    """SECRET_KEY, or one made at the first run and kept in var/."""
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = VAR / "secret_key"
    VAR.mkdir(parents=True, exist_ok=True)
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()


SECRET_KEY = secret_key()
DEBUG = env_bool("DEBUG", False)
TESTING = env_bool("BATON_TESTING", False)
PORT = int(os.environ.get("PORT", "8000"))
BASE_URL = os.environ.get("BASE_URL", f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
# Scheme, host and port count: a page of another port must not open our sockets.
TRUSTED_ORIGINS = env_list("TRUSTED_ORIGINS", f"{BASE_URL},http://localhost:{PORT},http://127.0.0.1:{PORT}")
# Sites whose pages may show the customer's page in a frame, as https://shop.example: those with the widget.
WIDGET_ORIGINS = env_list("WIDGET_ORIGINS", "")
# How long a web process takes to send its pages to the others when it is told to stop.
DRAIN_SECONDS = float(os.environ.get("DRAIN_SECONDS", "10"))
BRAND = os.environ.get("BRAND", "Alder Home help")

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django_htmx",
    "ninja",
    "handoffs",
    "console",
]

MIDDLEWARE = [
    "console.encoding.always_utf8",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "console.urls"
ASGI_APPLICATION = "console.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["console.templatetags.ui"],
        },
    },
    {
        # Plain text for turns and letters: escaping is for HTML and would put entities into people's words.
        "NAME": "text",
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"autoescape": False},
    },
]


TIMEOUTS = ("statement_timeout=10000", "lock_timeout=5000", "idle_in_transaction_session_timeout=15000")  # milliseconds


def database() -> dict[str, Any]:
    """SQLite in var/ by default; DATABASE_URL for PostgreSQL, with a capped pool of connections per process."""
    config: dict[str, Any] = dict(dj_database_url.parse(os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'baton.sqlite3'}"))
    config["CONN_MAX_AGE"] = 0
    if config["ENGINE"].endswith("sqlite3"):
        config["ENGINE"] = "console.sqlite"
        # IMMEDIATE: a deferred transaction that turns from reading to writing fails at once when somebody else writes.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON;",
        }
        config["TEST"] = {"NAME": str(VAR / "test.sqlite3")}
    else:
        config["ENGINE"] = "console.postgresql"
        config["OPTIONS"] = {
            # A host that is gone without a word is noticed after a quarter of a minute.
            "connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15000,
            **config.get("OPTIONS", {}),
            "pool": {"min_size": 0, "max_size": int(os.environ.get("DATABASE_POOL", "20")), "timeout": 10, "max_lifetime": 1800},
        }
        if env_bool("BEHIND_POOLER", False):
            # Each transaction may have another connection: nothing is kept on one, and the role has the timeouts.
            config["DISABLE_SERVER_SIDE_CURSORS"] = True
        else:
            # What is planned once (handoffs/prepared), from its first run on.
            config["OPTIONS"] |= {"prepare_threshold": 0, "options": "-c " + " -c ".join(TIMEOUTS)}
    return config


DATABASES = {"default": database()}

REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{VAR / 'redis.sock'}"
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {
            # redis-py gives up a read after 5 s by default, just when the layer's own blocking read ends: idle sockets die.
            "hosts": [
                {"address": REDIS_URL, "socket_timeout": 15, "socket_connect_timeout": 3, "max_connections": 5000, "health_check_interval": 30}
            ],
            "capacity": 5000,
            "expiry": 30,
            "group_expiry": 90000,
            "prefix": os.environ.get("REDIS_PREFIX", "baton"),
        },
    }
}

CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = os.environ.get("REDIS_PREFIX", "baton")
# What waits for other people's servers has a worker of its own (-Q); a worker without -Q does everything.
OUTSIDE_QUEUE = f"{CELERY_TASK_DEFAULT_QUEUE}.outside"
# What may not be late, lost agents and offers before all, waits behind nothing else.
SWEEP_QUEUE = f"{CELERY_TASK_DEFAULT_QUEUE}.sweep"
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in (CELERY_TASK_DEFAULT_QUEUE, SWEEP_QUEUE, OUTSIDE_QUEUE)}
CELERY_TASK_ROUTES = {
    **{task: {"queue": OUTSIDE_QUEUE} for task in ("baton.look_up", "baton.rewrite", "baton.webhooks", "baton.read_mail", "baton.foretell")},
    **{task: {"queue": SWEEP_QUEUE} for task in ("baton.sweep", "baton.offer")},
}
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 30
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 60, "unacked_restore_interval": 10, "socket_timeout": 10, "health_check_interval": 25}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    # A task not picked up by the next tick is dropped: the next one does the same work.
    "sweep": {"task": "baton.sweep", "schedule": 1.0, "options": {"expires": 3}},
    "offer": {"task": "baton.offer", "schedule": 1.0, "options": {"expires": 3}},
    "notice": {"task": "baton.notice", "schedule": 3.0, "options": {"expires": 3}},
    "foretell": {"task": "baton.foretell", "schedule": 1.0, "options": {"expires": 3}},
    "overflow": {"task": "baton.overflow", "schedule": 3.0, "options": {"expires": 3}},
    "answer": {"task": "baton.answer", "schedule": 0.5, "options": {"expires": 3}},
    "deliver": {"task": "baton.deliver", "schedule": 10.0, "options": {"expires": 8}},
    "rewrite": {"task": "baton.rewrite", "schedule": 1.0, "options": {"expires": 3}},
    "replay": {"task": "baton.replay", "schedule": 1.0, "options": {"expires": 3}},
    "read_mail": {"task": "baton.read_mail", "schedule": 10.0, "options": {"expires": 8}},
    "webhooks": {"task": "baton.webhooks", "schedule": 1.0, "options": {"expires": 3}},
    "look_up": {"task": "baton.look_up", "schedule": 1.0, "options": {"expires": 3}},
    "learn": {"task": "baton.learn", "schedule": 600.0, "options": {"expires": 500}},
    "tidy": {"task": "baton.tidy", "schedule": 60.0, "options": {"expires": 50}},
}

# An OpenAI-compatible endpoint that words briefs better, as https://models.example/v1; without one nothing is ever sent.
LLM_BASE_URL = os.environ.get("LLM_BASE_URL", "")
LLM_MODEL = os.environ.get("LLM_MODEL", "")
LLM_API_KEY = os.environ.get("LLM_API_KEY", "")
LLM_BUDGET = float(os.environ.get("LLM_BUDGET", "10"))

AUTH_USER_MODEL = "handoffs.Agent"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "queue"
LOGOUT_REDIRECT_URL = "login"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
CSRF_TRUSTED_ORIGINS = TRUSTED_ORIGINS
CSRF_FAILURE_VIEW = "console.views.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env_bool("BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Only style attributes, for bar lengths drawn by the server; never a style sheet.
        "style-src-attr": ["'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'", *(origin.replace("http", "ws", 1) for origin in TRUSTED_ORIGINS)],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

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

LANGUAGE_CODE = "en"
# What customers are spoken to in; the console speaks English.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français"), ("pt", "Português"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # What customers send: outside whatever a web server may serve, without addresses of its own.
    "files": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR / "files", "base_url": None}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {"celery.beat": {"level": "WARNING"}, "celery.app.trace": {"level": "WARNING"}, "celery.worker.strategy": {"level": "WARNING"},
                # Addresses that are asked name customers.
                "httpx": {"level": "WARNING"}, "httpcore": {"level": "WARNING"}},
}
