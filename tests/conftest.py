"""No test reads the settings of the person who runs it, none is timed; and what several share is started once."""

from __future__ import annotations

import gc
import signal
from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from crash.zygote import Zygote

# A machine that stands still for seconds makes no example slow. The examples are the same in every run: a new one is
# found by those who look for it, with another profile, and not by whoever has changed something else.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
RANDOM = settings(UNTIMED, derandomize=False)
settings.register_profile("untimed", UNTIMED, derandomize=True, database=None)
settings.register_profile("thorough", RANDOM, max_examples=4000)
settings.register_profile("planted", RANDOM, max_examples=2000, database=None, phases=[Phase.generate])
settings.load_profile("untimed")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # whoever is started in the background has it so, and hands it on
    signal.signal(signal.SIGINT, signal.default_int_handler)

OUTSIDE = (
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_ORG_ID", "OPENAI_PROXY"),
    *("LANGSMITH_TRACING", "LANGSMITH_API_KEY", "LANGCHAIN_TRACING_V2", "LANGCHAIN_API_KEY"),
    *("FSM_LANGGRAPH_MODEL", "FSM_LANGGRAPH_ENCRYPTION_KEY"),
    "SSL_CERT_FILE",
)


def pytest_configure(config: pytest.Config) -> None:
    """Take away for the whole run what must not be read: for each test by itself it would cost more than most tests."""
    patch, authorities = pytest.MonkeyPatch(), TemporaryDirectory()
    config.add_cleanup(authorities.cleanup)
    config.add_cleanup(patch.undo)
    for name in OUTSIDE:
        patch.delenv(name, raising=False)
    # No certificate is ever looked at, and a client reads all authorities when it is made, twice: there are none.
    patch.setenv("SSL_CERT_DIR", authorities.name)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without looking for garbage, and never look through what is collected: it lives as long as the run.

    After that it is looked for less often than usual: tests make much, and little of it goes in circles.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000)
        gc.enable()


@pytest.fixture(scope="session")
def _postgres_server() -> Iterator[str]:
    from postgresql import running_server

    # Not in pytest's own folder: each other run closes that to the user that the server runs as where this one is root.
    with TemporaryDirectory() as name, running_server(Path(name)) as address:
        yield address


@pytest.fixture(scope="module")
def postgres(_postgres_server: str) -> str:
    """A PostgreSQL database with LangGraph's tables, by its address; no other module has used it."""
    from postgresql import new_database_with_tables

    return new_database_with_tables(_postgres_server)


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """A process that forks others, in which all that a conversation needs is imported."""
    from command_line import environment
    from crash.zygote import Zygote

    with Zygote(environment()) as made:
        yield made
