"""Places in a JSON answer, as people write them: `account.plan`, `phones[0].number`, `[0].orders`."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator

WHOLE = re.compile(r"(?:[^.\[\]]+|\[\d{1,4}\])(?:\.[^.\[\]]+|\[\d{1,4}\])*")
STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


def _is_path(path: str) -> str:
    if not WHOLE.fullmatch(path):
        raise ValueError(f"{path!r} is no place in an answer; write it as plan.name or phones[0].number")
    return path


Path = Annotated[str, AfterValidator(_is_path)]


def at(value: Any, path: str | None) -> Any:
    """What stands there; None when nothing does. Without a path, the whole."""
    for index, name in STEP.findall(path or ""):
        if index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else None
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value
