"""Draws how reliable the told ranges were, as a small SVG: of the waits told to end by a share of the range, how many did."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from handoffs.evaluation.queueing.seer import Told
from handoffs.waiting.snapshot import Numbers

# A square of so many points for each setting, so many beside each other, with room for what is written.
SIDE, BESIDE, GAP, ABOVE = 150, 4, 34, 44
STATED = (0.1, 0.5, 0.9)
LOOK = "text{font:11px sans-serif;fill:#555}.t{font-weight:600;fill:#222}line,rect{stroke:#bbb;fill:none}circle{fill:#0b6e6e;fill-opacity:.75}"
PARTS = 5


def draw(path: Path, settings: Mapping[str, Sequence[Told]]) -> None:
    """One square a setting. Points: the stated 10th, 50th and 90th percentile against the share of waits that were shorter, in fifths of predicted waits.

    On the diagonal the estimate is honest. Raises OSError when it cannot be written.
    """
    shown = [(name, told) for name, told in settings.items() if told]
    rows = -(-len(shown) // BESIDE)
    width, height = BESIDE * (SIDE + GAP) + GAP, rows * (SIDE + GAP + ABOVE) + GAP
    squares = "".join(_square(name, told, GAP + place % BESIDE * (SIDE + GAP), ABOVE + place // BESIDE * (SIDE + GAP + ABOVE))
                      for place, (name, told) in enumerate(shown))
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
                    "<title>Stated against observed percentiles of waits</title>"
                    f"<style>{LOOK}</style>"
                    f'<rect width="{width}" height="{height}" style="fill:#fff;stroke:none"/>{squares}</svg>\n', encoding="utf-8")


def _square(name: str, told: Sequence[Told], left: int, top: int) -> str:
    points = "".join(f'<circle cx="{left + stated * SIDE:.0f}" cy="{top + (1 - seen) * SIDE:.1f}" r="3.5"/>'
                     for stated, shares in zip(STATED, observed(told), strict=True) for seen in shares)
    marks = "".join(f'<text x="{left + stated * SIDE:.0f}" y="{top + SIDE + 13}" text-anchor="middle">{stated:.0%}</text>' for stated in STATED)
    return (f'<text class="t" x="{left}" y="{top - 20}">{escape(name)}</text><text x="{left}" y="{top - 6}">{len(told)} waits</text>'
            f'<rect x="{left}" y="{top}" width="{SIDE}" height="{SIDE}"/>'
            f'<line x1="{left}" y1="{top + SIDE}" x2="{left + SIDE}" y2="{top}"/>{points}{marks}')


def observed(told: Sequence[Told]) -> list[Numbers]:
    """For each stated percentile the shares of waits that were no longer, in PARTS of the waits by what was predicted."""
    waited, mean = (np.array(values) for values in zip(*((each.waited, each.spread.mean) for each in told), strict=True))
    ends = np.array([(each.told.low, each.told.median, each.told.high) for each in told])
    part = np.digitize(mean, np.quantile(mean, np.arange(1, PARTS) / PARTS))
    known = [part == number for number in range(PARTS) if np.any(part == number)]
    return [np.array([shorter[of].mean() for of in known]) for shorter in (waited[:, None] <= ends).T]
