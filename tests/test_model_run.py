"""A call through the gate is told to LangChain's callbacks like a run of a chat model of LangChain's own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.outputs import ChatGeneration, Generation
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from machines import CONFIG, DRIVERS, FORM, Drive, Talk, given, reply
from outsides import outside

from fsm_langgraph import ModelError, ScriptedModel, compile_fsm
from fsm_langgraph.models.candidates import ModelCandidate
from fsm_langgraph.models.gate import GatedModel
from fsm_langgraph.models.gate_setup import gate
from fsm_langgraph.models.model_run import ModelRun, ShownMessage
from fsm_langgraph.models.request import ModelRequest
from fsm_langgraph.models.told_model import ToldModel

BY_EACH = pytest.mark.parametrize("drive", DRIVERS)
NAMED = reply("ask_email", "Your e-mail?", name="Ann")
PROMPT = [HumanMessage("hi")]
MOMENTS = ("on_chat_model_start", "on_llm_new_token", "on_llm_end")


class Listener(BaseCallbackHandler):
    """Notes what it is told of model runs."""

    def __init__(self, *, run_inline: bool = True) -> None:
        self.run_inline = run_inline
        self.told: list[tuple[str, dict[str, Any]]] = []

    def on_chat_model_start(self, serialized: Any, messages: Any, **rest: Any) -> None:
        self.told.append(("on_chat_model_start", {"serialized": serialized, "messages": messages, **rest}))

    def on_llm_new_token(self, token: Any, **rest: Any) -> None:
        self.told.append(("on_llm_new_token", {"token": token, **rest}))

    def on_llm_end(self, response: Any, **rest: Any) -> None:
        self.told.append(("on_llm_end", {"response": response, **rest}))

    def on_llm_error(self, error: Any, **rest: Any) -> None:
        self.told.append(("on_llm_error", {"error": error, **rest}))


class Waiting(AsyncCallbackHandler):
    """Waits before it notes what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.has_shown = asyncio.Event()

    async def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        await self._note("start")

    async def on_llm_new_token(self, token: Any, **_: Any) -> None:
        await self._note(token)
        self.has_shown.set()

    async def on_llm_end(self, *_: Any, **__: Any) -> None:
        await self._note("end")

    async def on_llm_error(self, *_: Any, **__: Any) -> None:
        await self._note("error")

    async def _note(self, told: str) -> None:
        await asyncio.sleep(0.001)
        self.told.append(told)


class Faulty(Listener):
    """Fails at a token, and is not to be passed over."""

    raise_error = True

    def on_llm_new_token(self, token: Any, **rest: Any) -> None:
        super().on_llm_new_token(token, **rest)
        raise ZeroDivisionError


def asked(gated: GatedModel, config: RunnableConfig, *, is_awaited: bool) -> AIMessage:
    request = ModelRequest("a", "m")
    if is_awaited:
        return asyncio.run(gated.aask(request, [*PROMPT], config, outside())).message
    return gated.ask(request, [*PROMPT], config, outside()).message


def scripted(*replies: Any) -> ScriptedModel:
    return ScriptedModel(replies=[*replies], chunk_size=3)


def gated_with(model: ScriptedModel) -> GatedModel:
    return gate([ModelCandidate(model)])


@pytest.mark.parametrize("is_awaited", [False, True], ids=["sync", "awaited"])
def test_a_run_is_told_like_one_of_langchain_s(is_awaited: bool) -> None:
    ours, theirs = Listener(), Listener()
    config: RunnableConfig = {"tags": ["t"], "metadata": {"a": 1}, "run_name": "named"}
    asked(gated_with(scripted("Hello!")), {**config, "callbacks": [ours]}, is_awaited=is_awaited)
    scripted("Hello!").invoke([*PROMPT], {**config, "callbacks": [theirs]}, stream=True)
    assert [*dict(ours.told)] == [*dict(theirs.told)] == [*MOMENTS]
    (_, begun), (_, like) = ours.told[0], theirs.told[0]
    assert begun.keys() == like.keys()
    for name in ("messages", "tags", "metadata", "options", "name", "batch_size", "parent_run_id"):
        assert begun[name] == like[name], name
    assert begun["invocation_params"] == {"_type": "fsm-gate", "stop": None}
    assert begun["serialized"].keys() == like["serialized"].keys()
    assert [each["run_id"] for _, each in ours.told] == [begun["run_id"]] * len(ours.told)
    assert "".join(each["token"] for moment, each in ours.told if moment == "on_llm_new_token") == "Hello!"
    ((end,),) = ours.told[-1][1]["response"].generations
    assert (type(end), end.text, end.message.id) == (ChatGeneration, "Hello!", "m")


@BY_EACH
def test_callbacks_that_wait_are_told_in_order(drive: Drive) -> None:
    waiting, talk = Waiting(), Talk(FORM, [NAMED], drive)
    talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [waiting, Listener(run_inline=False)]})
    assert waiting.told[0] == "start"
    assert "".join(waiting.told[1:-1]) == "Your e-mail?"
    assert waiting.told[-1] == "end"


@BY_EACH
def test_the_run_of_a_call_that_fails_ends_by_the_error(drive: Drive) -> None:
    waiting, listener, talk = Waiting(), Listener(), Talk(FORM, [ValueError("no")], drive)
    with pytest.raises(ModelError):
        talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [waiting, listener]})
    assert waiting.told == ["start", "error"]
    assert isinstance(listener.told[-1][1]["error"], ModelError)


@BY_EACH
def test_an_error_of_a_callback_is_none_of_the_provider_s(drive: Drive) -> None:
    faulty, talk = Faulty(), Talk(FORM, [NAMED], drive)
    with pytest.raises(ZeroDivisionError):
        talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [faulty]})
    assert [moment for moment, _ in faulty.told] == ["on_chat_model_start", "on_llm_new_token", "on_llm_error"]
    assert talk.model.calls[1:] == []


async def test_the_run_of_a_call_that_is_cancelled_ends_by_that() -> None:
    waiting = Waiting()
    model = ScriptedModel(replies=["Hello " * 99], delay=0.01)
    config: RunnableConfig = {"callbacks": [waiting]}
    coroutine: Any = gated_with(model).aask(ModelRequest("a", "m"), [*PROMPT], config, outside())
    call = asyncio.create_task(coroutine)
    await waiting.has_shown.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (waiting.told[0], waiting.told[-1]) == ("start", "error")


@BY_EACH
def test_a_model_s_own_callbacks_tags_and_metadata_hold_for_its_runs(drive: Drive) -> None:
    own = Listener()
    model = ScriptedModel(replies=[NAMED], callbacks=[own], tags=["mine"], metadata={"team": "blue"})
    talk = Talk(FORM, model=model, drive=drive)
    talk.drive(talk.graph, given("Ann"), CONFIG)
    begun = own.told[0][1]
    assert "mine" in begun["tags"]
    assert begun["metadata"]["team"] == "blue"


class FaultyAtTheEnd(Faulty):
    """Fails at the piece that ends a message."""

    def on_llm_new_token(self, token: Any, **rest: Any) -> None:
        if not token:
            super().on_llm_new_token(token, **rest)


class WaitingToFail(AsyncCallbackHandler):
    """Fails at the last piece, takes events too, and waits with both."""

    raise_error = True

    async def on_llm_new_token(self, token: Any, **_: Any) -> None:
        if not token:
            raise ZeroDivisionError

    async def on_stream_event(self, *_: Any, **__: Any) -> None: ...


@BY_EACH
def test_a_callback_that_fails_at_the_last_piece_ends_the_run_by_its_error(drive: Drive) -> None:
    faulty, talk = FaultyAtTheEnd(), Talk(FORM, [NAMED], drive)
    with pytest.raises(ZeroDivisionError):
        talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [faulty]})
    assert [moment for moment, _ in faulty.told] == ["on_chat_model_start", "on_llm_new_token", "on_llm_error"]


def test_what_is_not_told_any_more_is_not_left_unawaited(recwarn: pytest.WarningsRecorder) -> None:
    with pytest.raises(ZeroDivisionError):
        asked(gated_with(scripted("Hello!")), {"callbacks": [WaitingToFail()]}, is_awaited=True)
    gc.collect()
    assert [*recwarn] == []


class Short(BaseCallbackHandler):
    """Has a name of its own for a piece, as handlers for awaited runs may."""

    run_inline = True

    def __init__(self) -> None:
        self.told = ""

    def on_llm_new_token(self, piece: str, **_: Any) -> None:  # type: ignore[override]
        self.told += piece


def test_a_piece_is_the_first_argument_in_an_awaited_run() -> None:
    short = Short()
    asked(gated_with(scripted("Hello!")), {"callbacks": [short]}, is_awaited=True)
    assert short.told == "Hello!"


class Duck:
    """A handler by its methods only, of which one was replaced by one that waits."""

    run_inline, raise_error = True, True
    ignore_llm = ignore_chat_model = False

    def __init__(self) -> None:
        self.told: list[str] = []
        self.loop: Any = None

    def on_chat_model_start(self, *_: Any, **__: Any) -> None:
        self.told.append("start")

    def on_llm_new_token(self, *_: Any, **__: Any) -> None: ...

    def on_llm_end(self, *_: Any, **__: Any) -> None: ...


def test_a_handler_by_its_methods_is_told_and_waited_for_in_the_loop() -> None:
    duck: Any = Duck()

    async def ends(*_: Any, **__: Any) -> None:
        duck.loop = asyncio.get_running_loop()

    duck.on_llm_end = ends

    async def run() -> bool:
        await gated_with(scripted("Hello!")).aask(ModelRequest("a", "m"), [*PROMPT], {"callbacks": [duck]}, outside())
        return duck.loop is asyncio.get_running_loop()

    assert asyncio.run(run())
    assert duck.told == ["start"]


class Meddling(BaseCallbackHandler):
    """Changes the prompt that it is told."""

    run_inline = True

    def on_chat_model_start(self, serialized: Any, messages: Any, **_: Any) -> None:  # noqa: ARG002 - LangChain's
        messages[0].clear()


@pytest.mark.parametrize("is_awaited", [False, True], ids=["sync", "awaited"])
def test_a_callback_cannot_change_the_prompt(is_awaited: bool) -> None:
    model = scripted("Hello!")
    asked(gated_with(model), {"callbacks": [Meddling()]}, is_awaited=is_awaited)
    assert [message.text for message in model.calls[0].messages] == ["hi"]


OLDER: Any = {"type": "image", "source_type": "base64", "data": "aGk=", "mime_type": "image/png"}
SOUND: Any = {"type": "input_audio", "input_audio": {"format": "wav", "data": "aGk="}}


@BY_EACH
def test_images_and_sounds_are_given_and_told_as_by_langchain(drive: Drive) -> None:
    ours, theirs, talk = Listener(), Listener(), Talk(FORM, [NAMED], drive)
    plain: Any = scripted("Hello!")
    sent = HumanMessage([{"type": "text", "text": "Ann"}, OLDER, SOUND], id="1")
    talk.drive(talk.graph, {"messages": [sent]}, {**CONFIG, "callbacks": [ours]})
    plain.invoke([sent], {"callbacks": [theirs]}, stream=True)
    given_ours: Any
    given_theirs: Any
    given_ours, given_theirs = (each.calls[0].messages[-1].content for each in (talk.model, plain))
    assert given_ours[1] == given_theirs[1] == {"type": "image", "base64": "aGk=", "mime_type": "image/png"}
    assert {**given_ours[2], "id": ""} == {**given_theirs[2], "id": ""}  # each translation has an id of its own
    assert ours.told[0][1]["messages"][0][-1].content[-2:] == theirs.told[0][1]["messages"][0][-1].content[-2:]


@BY_EACH
def test_the_metadata_of_a_call_has_what_langchain_adds_from_its_config(drive: Drive) -> None:
    listener, talk = Listener(), Talk(FORM, [NAMED], drive)
    chosen = {"thread_id": "1", "model": "chosen"}
    talk.drive(talk.graph, given("Ann"), {"configurable": chosen, "callbacks": [listener]})
    assert listener.told[0][1]["metadata"]["model"] == "chosen"


@BY_EACH
def test_the_namespace_that_a_graph_around_tells_of_a_call_is_kept(drive: Drive) -> None:
    listener, around = Listener(), StateGraph(MessagesState)
    around.add_node("form", compile_fsm(FORM, scripted(NAMED), checkpointer=True))
    around.add_edge(START, "form")
    graph: Any = around.compile(InMemorySaver())
    drive(graph, given("Ann"), {**CONFIG, "callbacks": [listener]})
    metadata = listener.told[0][1]["metadata"]
    assert metadata["checkpoint_ns"].split(":")[0] == "form"
    assert metadata["langgraph_checkpoint_ns"].split(":")[0] == "form|ask_name"


class Managed:
    """The manager of a run that nobody listens to, which notes what it is told all the same."""

    run_id, tags = None, list[str]()

    def __init__(self, handlers: Sequence[BaseCallbackHandler] = ()) -> None:
        self.handlers = [*handlers]
        self.told: list[str] = []

    def on_llm_new_token(self, token: str, **_: Any) -> None:
        self.told.append(token)

    def on_stream_event(self, event: Any) -> None:
        self.told.append(event["event"])

    def on_llm_end(self, *_: Any, **__: Any) -> None:
        self.told.append("end")

    def on_llm_error(self, *_: Any, **__: Any) -> None:
        self.told.append("error")


@pytest.mark.parametrize(
    ("handlers", "told"), [((), []), ((Listener(),), ["Hi", "", "end"])], ids=["nobody listens", "somebody does"]
)
def test_pieces_are_made_only_where_somebody_listens(handlers: Sequence[BaseCallbackHandler], told: list[str]) -> None:
    manager = Managed(handlers)
    run = ModelRun(manager, ShownMessage("m", None))
    assert [run.show("Hi"), run.close(None, {}), run.end(Generation(text="Hi"), None)] == [None] * 3
    assert manager.told == told


def test_a_run_without_a_model_has_a_name_too() -> None:
    listener = Listener()
    run = ToldModel().begin([], {"callbacks": [listener]}, ShownMessage("m", "bot"))
    run.show("Hi")
    assert listener.told[0][1]["serialized"]["name"] == "GatedModel"
    assert (listener.told[1][1]["chunk"].message.name, listener.told[1][1]["chunk"].message.id) == ("bot", "m")
