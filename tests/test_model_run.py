"""A call through the gate is told to LangChain's callbacks like a run of a chat model of LangChain's own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, BaseCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGeneration
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


class FaultyInTheEnd(Listener):
    """Fails at the last token, which is empty."""

    raise_error = True

    def on_llm_new_token(self, token: Any, **rest: Any) -> None:
        super().on_llm_new_token(token, **rest)
        _ = 1 / len(token)


class Slow(Waiting):
    """Waits for ever at the last token, which is empty; it takes events too."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting = asyncio.Event()

    async def on_llm_new_token(self, token: Any, **rest: Any) -> None:
        await super().on_llm_new_token(token, **rest)
        if not token:
            self.is_waiting.set()
            await asyncio.Event().wait()

    async def on_stream_event(self, event: Any, **_: Any) -> None: ...


def asked(
    gated: GatedModel, config: RunnableConfig, prompt: Sequence[BaseMessage] = PROMPT, *, is_awaited: bool
) -> AIMessage:
    request = ModelRequest("a", "m")
    if is_awaited:
        return asyncio.run(gated.aask(request, [*prompt], config, outside())).message
    return gated.ask(request, [*prompt], config, outside()).message


def scripted(*replies: Any) -> ScriptedModel:
    return ScriptedModel(replies=[*replies], chunk_size=3)


def gated_with(model: ScriptedModel) -> GatedModel:
    return gate([ModelCandidate(model)])


@pytest.mark.parametrize("is_awaited", [False, True], ids=["sync", "awaited"])
def test_a_run_is_told_like_one_of_langchain_s(is_awaited: bool) -> None:
    ours, theirs = Listener(), Listener()
    config: RunnableConfig = {"tags": ["t"], "metadata": {"a": 1}}
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
def test_a_run_in_a_node_is_told_with_what_is_known_of_any_model_in_a_node(drive: Drive) -> None:
    ours, theirs, talk = Listener(), Listener(), Talk(FORM, [NAMED], drive)
    config: RunnableConfig = {**CONFIG, "metadata": {"a": 1}}
    talk.drive(talk.graph, given("Ann"), {**config, "callbacks": [ours]})
    builder = StateGraph(MessagesState)
    builder.add_node("plain", lambda values: {"messages": scripted("Hello!").invoke(values["messages"])})
    builder.add_edge(START, "plain")
    builder.compile().invoke({"messages": [*PROMPT]}, {**config, "callbacks": [theirs]})
    told, like = ours.told[0][1]["metadata"], theirs.told[0][1]["metadata"]
    assert told.keys() - {"fsm_name", "fsm_state", "fsm_mode", "description"} == like.keys()
    assert told["checkpoint_ns"] == told["langgraph_checkpoint_ns"]


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


@BY_EACH
def test_an_error_of_a_callback_at_the_last_token_ends_the_run(drive: Drive) -> None:
    faulty, talk = FaultyInTheEnd(), Talk(FORM, [NAMED], drive)
    with pytest.raises(ZeroDivisionError):
        talk.drive(talk.graph, given("Ann"), {**CONFIG, "callbacks": [faulty]})
    assert [*dict(faulty.told)] == ["on_chat_model_start", "on_llm_new_token", "on_llm_error"]


async def test_the_run_of_a_call_that_is_cancelled_at_the_last_token_ends_by_that() -> None:
    slow = Slow()
    coroutine: Any = gated_with(scripted("Hi")).aask(
        ModelRequest("a", "m"), [*PROMPT], {"callbacks": [slow]}, outside()
    )
    call = asyncio.create_task(coroutine)
    await slow.is_waiting.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert slow.told == ["start", "Hi", "", "error"]


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


@BY_EACH
def test_what_with_config_gives_a_model_holds_for_its_runs(drive: Drive) -> None:
    own, named = Listener(), list[str]()
    model: Any = scripted(NAMED).with_config(
        callbacks=[own], tags=["mine"], metadata={"team": "blue"}, run_name="asked"
    )
    model = model.with_retry().with_listeners(on_end=lambda run: named.append(run.name))
    graph = compile_fsm(FORM, model, checkpointer=InMemorySaver())
    Talk(FORM, drive=drive).drive(graph, given("Ann"), CONFIG)
    begun = own.told[0][1]
    assert ("mine" in begun["tags"], begun["metadata"]["team"], begun["name"]) == (True, "blue", "asked")
    assert [moment for moment, _ in own.told][-1] == "on_llm_end"
    assert named == ["asked"]


class WaitingToFail(AsyncCallbackHandler):
    """Fails at the last piece, takes events too, and waits with both."""

    raise_error = True

    async def on_llm_new_token(self, token: Any, **_: Any) -> None:
        if not token:
            raise ZeroDivisionError

    async def on_stream_event(self, *_: Any, **__: Any) -> None: ...


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
    message = AIMessage("Hi")
    assert [run.show("Hi"), run.close(message), run.end(ChatGeneration(message=message), None)] == [None] * 3
    assert manager.told == told


def test_a_run_without_a_model_has_a_name_too() -> None:
    listener = Listener()
    run = ToldModel().begin([], {"callbacks": [listener]}, ShownMessage("m", "bot"))
    run.show("Hi")
    assert listener.told[0][1]["serialized"]["name"] == "GatedModel"
    assert (listener.told[1][1]["chunk"].message.name, listener.told[1][1]["chunk"].message.id) == ("bot", "m")


MEDIA: list[Any] = [
    {"type": "text", "text": "What is this?"},
    {"type": "input_audio", "input_audio": {"format": "wav", "data": "UklGRg=="}},
    {"type": "image", "source_type": "url", "url": "https://example.com/a.png"},
    {"type": "file", "base64": "JVBERg==", "mime_type": "application/pdf"},
]


def blocks_of(model: ScriptedModel) -> list[Any]:
    """Return the blocks that a model was given, without the ids that LangChain makes by chance."""
    content: Any = model.calls[0].messages[0].content
    return [{name: value for name, value in block.items() if name != "id"} for block in content]


@pytest.mark.parametrize("is_awaited", [False, True], ids=["sync", "awaited"])
def test_images_sounds_and_files_reach_providers_and_callbacks_in_langchain_s_forms(is_awaited: bool) -> None:
    ours, theirs, model, like = Listener(), Listener(), scripted("A cat."), scripted("A cat.")
    prompt: list[BaseMessage] = [HumanMessage([*MEDIA])]
    asked(gated_with(model), {"callbacks": [ours]}, prompt, is_awaited=is_awaited)
    like.invoke(prompt, {"callbacks": [theirs]})
    assert blocks_of(model) == blocks_of(like) != MEDIA
    assert ours.told[0][1]["messages"] == theirs.told[0][1]["messages"] != [prompt]
