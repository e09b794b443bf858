"""The picture of the house and its table tell what the contracts, the docstrings and the README's walk say."""

from __future__ import annotations

from architecture import PACKAGE, PAGE, PICTURE, ROOT, TABLE, rooms, svg, table, walk


def test_the_picture_is_up_to_date() -> None:
    assert PICTURE.read_text(encoding="utf-8") == svg(rooms(), walk()), "run `make pictures`"


def test_the_table_of_rooms_is_up_to_date() -> None:
    assert TABLE.findall(PAGE.read_text(encoding="utf-8")) == [table(rooms())], "run `make pictures`"


def test_every_room_of_the_package_is_told() -> None:
    modules = (path for path in (ROOT / PACKAGE).iterdir() if not path.name.startswith("_"))
    folders = {path.name for path in modules if (path / "__init__.py").exists()}
    files = {path.stem for path in (ROOT / PACKAGE).glob("*.py") if path.stem != "__init__"}

    assert {room.name for room in rooms()} == folders | files


def test_the_walk_has_ten_sentences() -> None:
    assert len(walk()) == 10


def test_the_walk_goes_through_rooms_that_there_are() -> None:
    assert {name for step in walk() for name in step.rooms} <= {room.name for room in rooms()}
