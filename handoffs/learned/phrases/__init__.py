"""Examples written for this project, as text files: a sign, a space and what a customer may say."""

from pathlib import Path

FOLDER = Path(__file__).parent


def signed(kind: str) -> list[tuple[str, bool]]:
    """Each phrase of the kind's file and whether it is an example of it ("+") or of something else ("-")."""
    lines = (FOLDER / f"{kind}.txt").read_text(encoding="utf-8").splitlines()
    return [(line[2:], line[0] == "+") for line in lines if line[:2] in ("+ ", "- ")]
