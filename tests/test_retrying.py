"""A state is run again when its provider asks for it, and not when that would be in vain."""

from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import RetryPolicy
from machines import DRIVERS, FORM, Drive, Talk, reply

from fsm_langgraph import DeadlineError, ModelError
from fsm_langgraph.graph import retrying

ANN = reply("ask_email", "Your e-mail?", name="Ann")
AT_ONCE = RetryPolicy(initial_interval=0.001, jitter=False, retry_on=ModelError)


class Response:
    """A response that asks to wait."""

    def __init__(self, seconds: float | str) -> None:
        self.headers = {"retry-after": str(seconds)}


class BusyError(Exception):
    """A provider's error with its response."""

    status_code = 429

    def __init__(self, seconds: float | str) -> None:
        self.response = Response(seconds)
        super().__init__("slow down")


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that the node makes itself, none of which takes any time."""
    pauses: list[float] = []

    async def arun(pause: Any, _: Any) -> None:
        pauses.append(pause.seconds)

    monkeypatch.setattr(retrying._Pause, "run", lambda pause, _: pauses.append(pause.seconds))
    monkeypatch.setattr(retrying._Pause, "arun", arun)
    return pauses


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_provider_that_asks_to_wait_is_asked_again_after_that(waited: list[float], drive: Drive) -> None:
    talk = Talk(FORM, [BusyError(7), BusyError("3.5"), ANN], drive, retry_policy=AT_ONCE, deadlines={"turn": 60})
    assert talk.say("Ann") == "Your e-mail?"
    assert waited == pytest.approx([7, 3.5], abs=0.01)


@pytest.mark.parametrize("drive", DRIVERS)
def test_the_pause_of_the_policy_counts(waited: list[float], drive: Drive) -> None:
    policy = AT_ONCE._replace(initial_interval=0.01)
    assert (
        Talk(FORM, [BusyError(0), TimeoutError("away"), ANN], drive, retry_policy=policy).say("Ann") == "Your e-mail?"
    )
    assert waited == []


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_pause_that_is_longer_than_the_turn_fails_it_now(waited: list[float], drive: Drive) -> None:
    talk = Talk(FORM, [BusyError(30)], drive, retry_policy=AT_ONCE, deadlines=20)
    with pytest.raises(DeadlineError, match="asks to wait for 30 s") as caught:
        talk.say("Ann")
    assert (caught.value.retry_after, caught.value.transient, waited) == (30, True, [])
    assert isinstance(caught.value.__cause__, ModelError)


@pytest.mark.parametrize("drive", DRIVERS)
def test_a_pause_that_no_user_would_wait_for_fails_the_turn_now(waited: list[float], drive: Drive) -> None:
    talk = Talk(FORM, [BusyError(600)], drive, retry_policy=AT_ONCE)
    with pytest.raises(ModelError, match="asks to wait for 600 s") as caught:
        talk.say("Ann")
    assert (caught.value.retry_after, caught.value.transient, waited) == (600, True, [])


@pytest.mark.parametrize("drive", DRIVERS)
def test_no_try_follows_where_the_policys_own_pause_is_too_long(drive: Drive) -> None:
    policy = AT_ONCE._replace(initial_interval=30)
    talk = Talk(FORM, [TimeoutError("away")], drive, retry_policy=policy, deadlines=20)
    with pytest.raises(DeadlineError, match="try again after TimeoutError: away"):
        talk.say("Ann")
