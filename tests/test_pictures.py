"""The pictures in the repository show the machines as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from pictures import ROOT, digest, draw, kept_digest, pictures

from fsm_langgraph import Picture

KEPT = [pytest.param(path, picture, id=str(path.relative_to(ROOT))) for path, picture in pictures()]


@pytest.mark.parametrize(("path", "picture"), KEPT)
def test_a_kept_picture_shows_the_machine_as_it_is(path: Path, picture: Picture) -> None:
    assert kept_digest(path) == digest(picture), "run `make pictures`"


@pytest.mark.parametrize(("path", "picture"), KEPT)
def test_a_kept_picture_is_small(path: Path, picture: Picture) -> None:
    assert path.stat().st_size < 100_000, f"{picture} takes {path.stat().st_size} bytes"


def test_a_picture_that_is_drawn_carries_its_digest(tmp_path: Path) -> None:
    _, picture = next(pictures())
    assert kept_digest(tmp_path / "machine.png") == b""

    draw(tmp_path / "machine.png", picture)

    assert kept_digest(tmp_path / "machine.png") == digest(picture)
