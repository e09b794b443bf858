"""Files of definitions: regular ones of a sane size, and those that a definition names only below its root folder.

A definition may come from a stranger, and what it names as a sub-machine with it. So what a file names is looked for
in the root folder and below, with symbolic links followed first. What the caller gives by its path may lie anywhere,
but has to be a file too: a pipe would be waited for without end, and a device has none.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath, PureWindowsPath

from fsm_langgraph.data.json_data import MAX_BYTES, UnreadableError


def read_file(path: Path) -> str:
    """Return the text of a regular file.

    Raises:
        UnreadableError: It is none, it is too large, it is not UTF-8, or it cannot be read.
    """
    try:
        return _bytes_of(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        found = f"cannot be read: its byte {error.start}, in line {line}, is not UTF-8 text."
        raise UnreadableError("unreadable", found, "Save it with the encoding UTF-8.") from error
    except UnreadableError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(getattr(error, "strerror", None) or str(error)) from error


def file_below(root: Path, folder: Path, name: str) -> Path:
    """Return the path of a file that a definition names, with no symbolic link left in it.

    Args:
        root: The folder that it has to lie in, or below.
        folder: The folder of the definition that names it.
        name: Its path, as the definition has it.

    Raises:
        UnreadableError: It lies elsewhere.
    """
    if _is_absolute(name):
        advice = "Name it by its path from the folder of this definition."
        raise UnreadableError("outside-root", "a definition names no file by an absolute path.", advice)
    try:
        path, root = (folder / name).resolve(), root.resolve()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: links that lead round
        raise UnreadableError("unreadable", "cannot be read: no system has such a path.") from error
    if not path.is_relative_to(root):
        found = "lies outside of the folder that definitions may name files in."
        raise UnreadableError("outside-root", found, _LET_IN)
    return path


def is_file(path: Path) -> bool:
    """Say whether there is something at a path."""
    try:
        return path.exists()
    except OSError:  # a name that is too long, a folder that may not be looked into
        return False


def _is_absolute(name: str) -> bool:
    windows = PureWindowsPath(name)
    return PurePosixPath(name).is_absolute() or bool(windows.drive or windows.root)


def _bytes_of(path: Path) -> bytes:
    # A pipe that nobody writes to is opened at once, where it would be waited for; that it is one is seen then.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
    if path.is_char_device() or path.is_block_device():  # opening some devices does something
        raise _unreadable(_KINDS[stat.S_IFCHR])
    with os.fdopen(os.open(path, flags), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise _unreadable(_KINDS.get(stat.S_IFMT(mode), "Is no regular file"))
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise UnreadableError("too-large", f"is larger than {MAX_BYTES:,} bytes.", _SPLIT)
    return content


def _unreadable(reason: str) -> UnreadableError:
    return UnreadableError("unreadable", f"cannot be read: {reason}.")


_KINDS = {
    stat.S_IFDIR: "Is a directory",
    stat.S_IFIFO: "Is a pipe, no regular file",
    stat.S_IFCHR: "Is a device, no regular file",
    stat.S_IFBLK: "Is a device, no regular file",
    stat.S_IFSOCK: "Is a socket, no regular file",
}
_LET_IN = "Put it beside the definition or below, or let more in: load_definition(…, root=<a folder around>)."
_SPLIT = "Let states run a part of it as a sub-machine, in a file of its own."
