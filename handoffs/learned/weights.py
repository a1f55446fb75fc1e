"""The trained weights that come with the product: files of plain arrays, read when first needed."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

FOLDER = Path(__file__).parent / "shipped"
Model = TypeVar("Model")
logger = logging.getLogger(__name__)
_broken: dict[str, str] = {}


def path(kind: str) -> Path:
    return FOLDER / f"{kind}.npz"


def load(kind: str, read: Callable[[bytes], Model]) -> Model | None:
    """What `read` makes of the kind's file; None when it is missing or cannot be read, and then `problems` names it."""
    _broken.pop(kind, None)
    try:
        return read(path(kind).read_bytes())
    except Exception as error:
        logger.error("the weights of %s cannot be used: %s", kind, error)
        _broken[kind] = f"The trained model for {kind.replace('_', ' ')} is missing or broken; simpler rules stand in."
        return None


def problems() -> tuple[str, ...]:
    """One sentence for each kind that was needed and could not be read."""
    return tuple(_broken[kind] for kind in sorted(_broken))
