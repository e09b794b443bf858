"""The locks of the conversations in a SQLite file: bytes of a file beside it, `talks.sqlite.lock`.

The operating system frees them when their process dies. Each conversation is one byte, by a hash. The file stays empty,
since bytes beyond its end can be locked. It must not be deleted while it is in use.

POSIX takes all locks of a process away when any descriptor of the file is closed. So there is one for each file, shared
by all of the process, and it is closed when nothing is locked.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from weakref import WeakSet, WeakValueDictionary

from fsm_langgraph.errors import StorageError

_REGISTRY = threading.Lock()


class FileLocks:
    """The locks of the conversations in one file; `file_locks` makes one for each file and process.

    Args:
        path: The database file.
    """

    is_remote = False

    def __init__(self, path: str) -> None:
        self._database = path
        self._path = f"{path}.lock"
        self._forget()
        _ALL.add(self)

    def _forget(self) -> None:
        self._guard = threading.RLock()  # a collected generator may unlock in the middle of a call
        self._file: int | None = None
        self._locked: set[int] = set()

    def lock(self, name: str) -> object | None:
        """Lock a name if nobody has it locked; return what `unlock` takes, `None` where somebody has.

        Raises:
            StorageError: The file beside cannot be made, or cannot be locked.
        """
        byte = _byte(name)
        with self._guard:
            if byte in self._locked:  # by another conversation of this process, with the same hash
                return None
            self._locked.add(byte)
            is_ours = False
            try:
                if self._file is None:
                    self._file = self._open()
                is_ours = _try_byte(self._file, byte)
            except OSError as error:
                found = f"conversations are locked by {self._path}, which failed: {error.strerror or error}"
                raise StorageError(found, "Keep the database in a folder that can be written.") from error
            finally:
                if not is_ours:
                    self._locked.discard(byte)
                    self._close_if_idle()
            return self if is_ours else None

    def unlock(self, name: str, token: object) -> None:  # noqa: ARG002 - nothing but the process tells who has it
        """Unlock a name."""
        byte = _byte(name)
        with self._guard:
            if self._file is None or byte not in self._locked:  # the process was forked since
                return
            self._locked.discard(byte)
            if self._locked:
                _free_byte(self._file, byte)
            self._close_if_idle()  # which frees it too

    def has_lost(self, token: object) -> bool:  # noqa: ARG002 - a lock lasts as long as its process
        """Say whether a lock was lost; none is."""
        return False

    def drop_in_child(self) -> None:
        """Forget what the parent of a forked process has locked."""
        if self._file is not None:
            with suppress(OSError):
                os.close(self._file)
        self._forget()

    def _open(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        try:
            file = os.open(self._path, flags | os.O_EXCL, 0o666)
        except FileExistsError:
            return os.open(self._path, flags, 0o666)
        with suppress(OSError):  # whoever may write the database may lock it
            Path(self._path).chmod(Path(self._database).stat().st_mode & 0o777)
        return file

    def _close_if_idle(self) -> None:
        if self._file is not None and not self._locked:
            os.close(self._file)
            self._file = None


def file_locks(path: str) -> FileLocks:
    """Return the locks of a database file, the same ones for all of the process."""
    with _REGISTRY:
        found = _BY_PATH.get(path)
        if found is None:
            found = _BY_PATH[path] = FileLocks(path)
        return found


_BY_PATH: WeakValueDictionary[str, FileLocks] = WeakValueDictionary()
_ALL: WeakSet[FileLocks] = WeakSet()


def _drop_in_child() -> None:
    for each in [*_ALL]:
        each.drop_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drop_in_child)


def _byte(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode(errors="surrogatepass")).digest()[:8]) % _BYTES


if sys.platform == "win32":
    import msvcrt

    _BYTES = 2**30  # the C library moves within two gigabytes

    def _try_byte(file: int, byte: int) -> bool:
        os.lseek(file, byte, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _free_byte(file: int, byte: int) -> None:
        os.lseek(file, byte, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    _BYTES = 2**62

    def _try_byte(file: int, byte: int) -> bool:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except (BlockingIOError, PermissionError):  # EAGAIN or EACCES, as POSIX leaves open
            return False
        return True

    def _free_byte(file: int, byte: int) -> None:
        fcntl.lockf(file, fcntl.LOCK_UN, 1, byte)
