"""A page that comes back is not told that all stands as it did when another release would show it otherwise."""

from pathlib import Path

import pytest
from django.conf import settings

from console import frames
from console.release import RELEASE, sign
from console.streams.wall import Wall


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("templates/one.html", "locale/de/LC_MESSAGES/django.mo", "console/two.py", "static/three.css"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("as it was")
    return tmp_path


@pytest.mark.parametrize("name", ["templates/one.html", "locale/de/LC_MESSAGES/django.mo", "console/two.py", "templates/customer/new.html"])
def test_what_shows_otherwise_is_another_release(root: Path, name: str) -> None:
    before = sign(root)
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_text("as it is")
    assert sign(root) != before


def test_how_a_stream_stands_is_another_sign_in_another_release(monkeypatch: pytest.MonkeyPatch) -> None:
    before = frames.sign(Wall("all"), "as it is", 3)
    assert before == frames.sign(Wall("all"), "as it is", 3)
    monkeypatch.setattr(frames, "RELEASE", "the next")
    assert frames.sign(Wall("all"), "as it is", 3) != before


def test_every_process_of_a_release_makes_the_same_sign(root: Path) -> None:
    before = sign(root)
    (root / "static/three.css").write_text("pages load these anew by their names")
    assert (sign(root), sign(settings.BASE_DIR)) == (before, RELEASE)
