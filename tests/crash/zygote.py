"""A process that has imported everything and forks others, each of which runs one function.

Starting an interpreter and importing the package takes seconds, and a fork takes milliseconds. A process that forks has
no threads, so the tests' own cannot be it.

    with Zygote() as zygote:
        zygote.call(function, *args)   # in a process of its own, which may fork further ones
        zygote.here(function, *args)   # in the process itself, which may fork one that runs on
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import IO, Any, ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Zygote:
    """The process, as the tests see it; a context manager.

    Args:
        environment: Its environment; that of the tests where it is left out.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment

    def __enter__(self) -> Self:
        paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        command = [sys.executable, "-m", "crash.zygote"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**self._environment, **paths}
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in a process of its own; return its result, or raise its error as told there.

        Raises:
            RuntimeError: It failed, or its process ended.
        """
        return self._ask(False, function, args, kwargs)

    def here(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a function in the process that forks itself; return its result, or raise its error as told there."""
        return self._ask(True, function, args, kwargs)

    def ended(self, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> int:
        """Run a function in a process of its own; return the status that it ended with, as `ended` does."""
        return self.here(_ended_with, function, args, kwargs)

    def _ask(self, is_here: bool, function: Callable[..., T], args: Any, kwargs: Any) -> T:
        asking, telling = self._process.stdin, self._process.stdout
        if asking is None or telling is None:
            raise RuntimeError("the pipes are not open")
        pickle.dump((is_here, function, args, kwargs), asking)
        asking.flush()
        is_good, found = pickle.load(telling)  # noqa: S301 - of our own process
        if not is_good:
            raise RuntimeError(found)
        result: T = found
        return result


def fork(function: Callable[..., object], *args: object) -> int:
    """Run a function in a fork of this process; return that one's id.

    It ends with 0, with 1 where the function fails, or with the status that the function exits with.
    """
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        function(*args)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else status
    except BaseException:  # noqa: BLE001 - the edge of the process: nothing of this one's may run on in its copy
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def ended(child: int) -> int:
    """Wait for a process to end; return its status, negative where a signal ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _ended_with(function: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, Any]) -> int:
    return ended(fork(lambda: function(*args, **kwargs)))


def _serve(asked: IO[bytes], told: IO[bytes]) -> None:
    while True:
        try:
            is_here, function, args, kwargs = pickle.load(asked)  # noqa: S301 - of our own process
        except EOFError:
            return
        if is_here:
            _tell(told, function, args, kwargs)
            continue
        child = fork(_tell, told, function, args, kwargs)
        if ended(child) != 0:
            pickle.dump((False, "the process ended"), told)
            told.flush()


def _tell(told: IO[bytes], function: Callable[..., object], args: Any, kwargs: Any) -> None:
    try:
        found = True, function(*args, **kwargs)
    except Exception:  # noqa: BLE001 - told to those who asked
        found = False, traceback.format_exc()
    told.write(pickle.dumps(found))
    told.flush()


if __name__ == "__main__":
    import langchain_openai  # noqa: F401 - for the forks

    import fsm_langgraph.cli.app
    import fsm_langgraph.cli.session
    import fsm_langgraph.offline  # noqa: F401 - for the forks
    from crash.kills import warm_up

    warm_up()
    gc.freeze()  # so that collecting garbage copies no memory in the forks
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what anybody prints must not come between
    _serve(sys.stdin.buffer, pipe)
