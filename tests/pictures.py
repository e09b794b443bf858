"""The pictures that are kept beside the examples and shown in the README: `make pictures` draws them anew.

Each carries a digest of what it was drawn from, so that a test can tell whether it still shows its machine; the pixels
depend on the fonts of whoever drew it.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from fsm_langgraph import Picture, load_definition

ROOT = Path(__file__).parent.parent


def pictures() -> Iterator[tuple[Path, Picture]]:
    """Yield each picture, and where it is kept."""
    for file in sorted(ROOT.glob("graphs/*/fsm.*")):
        yield file.parent / "machine.png", Picture(load_definition(file))
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    definitions = re.findall(r"^```yaml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    yield ROOT / "docs" / "coffee.png", Picture(load_definition(definitions[0]))


def digest(picture: Picture) -> bytes:
    """Return the digest of what a picture is drawn from."""
    return hashlib.sha256(picture.dot().encode()).hexdigest().encode()


def kept_digest(path: Path) -> bytes:
    """Return the digest that a kept picture carries; nothing where there is none."""
    found = re.search(rb"tEXtSource\0([0-9a-f]{64})", path.read_bytes()) if path.exists() else None
    return found[1] if found else b""


def draw(path: Path, picture: Picture) -> None:
    """Draw a picture, and put its digest into it as a text of the PNG format."""
    png = picture.png()
    text = b"tEXtSource\0" + digest(picture)
    chunk = (len(text) - 4).to_bytes(4) + text + zlib.crc32(text).to_bytes(4)
    end = png.rindex(b"IEND") - 4
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(png[:end] + chunk + png[end:])


if __name__ == "__main__":
    for place, drawn in pictures():
        if digest(drawn) != kept_digest(place):
            draw(place, drawn)
