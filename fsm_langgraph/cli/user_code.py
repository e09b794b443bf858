"""The user's own code on the command line: the option `--handlers`, and the remark where it is left out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fsm_langgraph.cli.output import err, say

HANDLERS_HELP = "beside (the handlers.py in FILE's folder), a Python file, or package.module:name."


@contextmanager
def code_importable(reference: str | None) -> Iterator[None]:
    """Let code be imported from the current folder, as `python -m` does, if any is asked for."""
    folder = str(Path.cwd())
    if reference is None or sys.flags.safe_path or folder in sys.path:
        yield
        return
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with suppress(ValueError):  # the code may have taken it out itself
            sys.path.remove(folder)


def tell_code_beside(file: Path) -> None:
    """Say that the handlers beside a definition were not loaded, if there are any: nothing is run unasked.

    Of a definition that is not there, nothing is said.
    """
    from fsm_langgraph.handlers.references import BESIDE, FILE_BESIDE, has_beside

    if file.is_file() and has_beside(file):
        say(err(), (f"{file.parent / FILE_BESIDE} was not loaded; --handlers {BESIDE} loads it.", "dim"))


def references(files: Sequence[Path], handlers: str | None) -> dict[Path, str]:
    """Return the reference to handlers for each file; with `beside`, only for files that have some beside them."""
    from fsm_langgraph.handlers.references import has_beside, is_beside

    if handlers is None:
        return {}
    having = [file for file in files if has_beside(file)] if is_beside(handlers) else []
    return dict.fromkeys(having or files, handlers)
