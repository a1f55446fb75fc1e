"""What the environment says, and where this installation keeps what it makes."""

import os
import secrets
from pathlib import Path

# One text is too little work for several threads: they would only wait for each other, ten times as long. Read when numpy is first imported.
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

BASE_DIR = Path(__file__).resolve().parent.parent.parent
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
