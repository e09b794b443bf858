"""Machines in a LangGraph server: threads, streams, history, edits, forks, assistants, and two messages at once.

The model is a real client of a server on this machine, which answers by what the user has written last.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from crash.zygote import Zygote
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient
from langgraph_sdk.errors import BadRequestError, ConflictError
from langgraph_server import LangGraphServer
from machines import DECLARED, FORM, Json, machine, reply, state, to
from openai_server import Answer, Body, Fault, OpenAIServer, Reaction
from real_time import WAIT

ALL_MODES: Any = ["values", "updates", "messages-tuple", "custom", "events", "debug", "tasks", "checkpoints"]
"""All but `messages`, which is another form of `messages-tuple`: of the two the server sends the latter."""

PAYMENT = machine(
    state("card", to("paid", "card"), required_context_keys=["card"], description="Ask for the card"),
    state("paid"),
)
SHOP = machine(
    state("order", to("pay", "thing"), required_context_keys=["thing"]),
    state("pay", to("thanks"), subflow="payment", outputs=["card"]),
    state("thanks"),
    name="Shop",
    subflows={"payment": PAYMENT},
)

SAID: dict[str, Reaction] = {
    "I am Ann": json.dumps(reply("ask_email", "Hello Ann! And your e-mail?", name="Ann")),
    "I am Bob": json.dumps(reply("ask_email", "Hello Bob! And your e-mail?", name="Bob")),
    "ann@b.org": json.dumps(reply("done", "Thank you, and goodbye.", email="ann@b.org")),
    "let me out": json.dumps(reply("done", "You are out!")),
    "hm": json.dumps(reply("ask_name", "Your name, please.")),
    "a slow answer": Answer(json.dumps(reply("ask_email", "Slow, but here.", name="Slow")), hold_after=3),
    "fail": Fault(401, "no such key"),
    "a pen": json.dumps(reply("pay", "Which card?", thing="pen")),
    "a greeting": json.dumps(reply("bye", "REFUSED", name="Ann")),
    "card 7": json.dumps(reply("paid", "Thanks!", card="7")),
}
SPOKEN = "What can I do for you?"


def answer(body: Body) -> Reaction:
    """Answer a request by the user's last words; one for plain words, with others."""
    said = str(body["messages"][-1]["content"])
    return SAID.get(said, SPOKEN) if "response_format" in body else SPOKEN


GREETER = machine(
    state("hello", to("ask"), silent=True, say="Welcome!"),
    state("ask", to("bye", "name"), required_context_keys=["name"]),
    state("bye", say="Goodbye, {{name}}."),
)
SERVED = {"form": FORM, "declared": DECLARED, "shop": SHOP, "greeter": GREETER}


@pytest.fixture(scope="module")
def model() -> Iterator[OpenAIServer]:
    """The model's server."""
    with OpenAIServer(answer) as server:
        yield server


@pytest.fixture(scope="module")
def client(
    model: OpenAIServer, zygote: Zygote, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SyncLangGraphClient]:
    """A client of one LangGraph server, which serves a form, the same declared, and a shop with a sub-machine."""
    folder = tmp_path_factory.mktemp("server")
    for name, definition in SERVED.items():
        (folder / f"{name}.json").write_text(json.dumps(definition), encoding="utf-8")
    files = [folder / f"{name}.json" for name in SERVED]
    key = {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": model.base_url}
    with LangGraphServer(folder, *files, "--out", folder / "project", zygote=zygote, **key) as server:
        client = get_sync_client(url=server.url)
        yield client
        client.close()
        assert "reached out" not in server.told, server.told


class Thread:
    """A conversation on the server."""

    def __init__(self, client: SyncLangGraphClient, graph: str = "form", *said: str) -> None:
        self.client = client
        self.graph = graph
        self.first = ""
        self.id: str = client.threads.create(graph_id=graph)["thread_id"]
        for text in said:
            self.say(text)

    def say(self, text: str = "", **options: Any) -> Json:
        """Hold a turn; return the state after it."""
        values: Any = self.client.runs.wait(self.id, self.graph, input=given(text), **options)
        return dict(values)

    def go_on(self, **options: Any) -> Json:
        """Hold a turn without input; return the state after it."""
        values: Any = self.client.runs.wait(self.id, self.graph, **options)
        return dict(values)

    def begin(self, text: str, **options: Any) -> str:
        """Begin a turn; return the run's id."""
        return str(self.client.runs.create(self.id, self.graph, input=given(text), **options)["run_id"])

    def stream(self, text: str, modes: Any, **options: Any) -> list[tuple[str, Any]]:
        """Hold a turn and return what it streams: events and their data."""
        parts = self.client.runs.stream(self.id, self.graph, input=given(text), stream_mode=modes, **options)
        return [(part.event, part.data) for part in parts]

    def edit(self, as_node: str | None = None, **values: Any) -> Json:
        """Change the state, as Studio does; return the new checkpoint."""
        return dict(self.client.threads.update_state(self.id, values, as_node=as_node)["checkpoint"])

    @property
    def snapshot(self) -> Json:
        return dict(self.client.threads.get_state(self.id))

    @property
    def values(self) -> Json:
        return dict(self.snapshot["values"])

    @property
    def history(self) -> list[Json]:
        """Its checkpoints, the newest first."""
        return [dict(checkpoint) for checkpoint in self.client.threads.get_history(self.id, limit=100)]

    def status(self, run_id: str) -> str:
        """Wait for the end of a run, and say how it has ended."""
        self.client.runs.join(self.id, run_id)
        return str(self.client.runs.get(self.id, run_id)["status"])


def given(text: str) -> Json:
    return {"messages": [{"role": "user", "content": text}] if text else []}


def texts(values: Any) -> list[str]:
    return [message["content"] for message in values["messages"]]


# What the server tells of a graph


def test_every_graph_is_an_assistant_with_its_name_and_description(client: SyncLangGraphClient) -> None:
    found = {one["graph_id"]: (one["name"], one["description"]) for one in client.assistants.search()}

    assert found == {
        "form": ("test", "A machine under test"),
        "declared": ("test", "A machine under test"),
        "shop": ("Shop", "A machine under test"),
        "greeter": ("test", "A machine under test"),
    }


def assistant(client: SyncLangGraphClient, graph: str) -> str:
    return str(client.assistants.search(graph_id=graph)[0]["assistant_id"])


def test_the_schemas_say_what_a_form_needs(client: SyncLangGraphClient) -> None:
    schemas: Any = client.assistants.get_schemas(assistant(client, "declared"))

    given_keys = schemas["input_schema"]["properties"]
    assert set(given_keys) == {"messages", "context"}
    assert given_keys["messages"]["items"]["oneOf"]  # by this Studio sees that it is a chat
    assert given_keys["context"]["properties"]["age"] == {"type": "integer", "minimum": 18}
    assert all(given_keys[name]["description"] for name in given_keys)
    assert set(schemas["context_schema"]["properties"]) >= {"model", "temperature", "history_limit"}
    assert {"messages", "context", "current_state", "last_turn"} <= set(schemas["state_schema"]["properties"])


def test_the_graph_is_the_machine_with_its_descriptions(client: SyncLangGraphClient) -> None:
    graph: Any = client.assistants.get_graph("form")

    described = {node["id"]: node["metadata"]["description"] for node in graph["nodes"] if "metadata" in node}
    assert described == {name: f"The state {name}" for name in FORM["states"]}
    assert {(edge["source"], edge["target"], edge.get("data")) for edge in graph["edges"]} == {
        ("__start__", "ask_name", None),
        ("ask_name", "ask_email", "Go to ask_email"),
        ("ask_email", "done", "Go to done"),
        ("done", "__end__", None),
    }


def test_a_sub_machine_is_seen_under_xray(client: SyncLangGraphClient) -> None:
    plain: Any = client.assistants.get_graph("shop")
    inside: Any = client.assistants.get_graph("shop", xray=True)

    assert "pay" in {node["id"] for node in plain["nodes"]}
    assert {"pay:card", "pay:paid"} <= {node["id"] for node in inside["nodes"]}


# What is streamed


@pytest.fixture(scope="module")
def streamed(client: SyncLangGraphClient) -> dict[str, list[Any]]:
    """One turn in every mode at once: the data of each kind of event."""
    thread = Thread(client)
    found: dict[str, list[Any]] = {}
    for event, data in thread.stream("I am Ann", ALL_MODES):
        found.setdefault(event, []).append(data)
    return found


ANSWER = "Hello Ann! And your e-mail?"


def test_tokens_are_those_of_the_message(streamed: dict[str, list[Any]]) -> None:
    pieces = [chunk["content"] for chunk, _ in streamed["messages"] if chunk["type"] == "AIMessageChunk"]

    assert "".join(pieces) == ANSWER
    assert len(pieces) > 3


def test_the_message_grows_and_is_never_json(client: SyncLangGraphClient) -> None:
    parts = Thread(client, "form", "").stream("I am Ann", "messages")
    partials = [message["content"] for event, data in parts if event == "messages/partial" for message in data]

    assert partials[-1] == ANSWER
    assert all(ANSWER.startswith(partial) for partial in partials)


def test_the_events_of_the_model_are_the_message(streamed: dict[str, list[Any]]) -> None:
    pieces = [e["data"]["chunk"]["content"] for e in streamed["events"] if e["event"] == "on_chat_model_stream"]

    assert "".join(pieces) == ANSWER


def test_values_and_updates_end_with_the_message(streamed: dict[str, list[Any]]) -> None:
    assert texts(streamed["values"][-1])[-1] == ANSWER
    assert [list(update) for update in streamed["updates"]] == [["ask_name"], ["ask_email"]]
    assert texts(streamed["updates"][-1]["ask_email"]) == [ANSWER]


def test_the_turn_record_is_a_custom_event(streamed: dict[str, list[Any]]) -> None:
    (custom,) = streamed["custom"]

    assert custom["last_turn"]["path"] == ["ask_name", "ask_email"]
    assert custom["last_turn"]["changed"] == ["name"]


def test_debugging_shows_tasks_and_checkpoints(streamed: dict[str, list[Any]]) -> None:
    assert {event["type"] for event in streamed["debug"]} == {"checkpoint", "task", "task_result"}
    assert {task["name"] for task in streamed["tasks"]} == {"ask_name", "ask_email"}
    assert streamed["checkpoints"][-1]["values"]["current_state"] == "ask_email"


def test_a_message_whose_transition_is_refused_is_shown_nowhere(client: SyncLangGraphClient) -> None:
    parts = Thread(client).stream("let me out", ALL_MODES)

    assert "You are out!" not in json.dumps(parts)
    assert "".join(d[0]["content"] for event, d in parts if event == "messages" and d[0]["type"] != "human") == SPOKEN


def test_no_message_of_the_event_stream_is_empty(client: SyncLangGraphClient) -> None:
    thread = Thread(client)
    with client.threads.stream(thread.id, assistant_id="form") as session:
        session.run.start(input=given("let me out"))
        messages = [str(message.text) for message in session.messages]

    assert messages == [SPOKEN]


def test_a_sub_machine_streams_like_a_state(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "shop", "", "a pen")
    parts = thread.stream("card 7", ["messages-tuple", "custom"])

    assert "".join(data[0]["content"] for event, data in parts if event == "messages") == SPOKEN
    (record,) = [data["last_turn"] for event, data in parts if event == "custom"]
    assert record["path"] == ["pay/card", "pay/paid", "thanks"]
    assert thread.values["context"] == {"thing": "pen", "card": "7"}


def test_words_of_the_machine_are_messages_like_any_other(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "greeter")
    shown: dict[str, str] = {}
    for event, data in thread.stream("a greeting", "messages-tuple"):
        if event == "messages" and data[0]["type"] == "AIMessageChunk" and data[0]["content"]:
            shown[data[0]["id"]] = shown.get(data[0]["id"], "") + data[0]["content"]

    assert [*shown.items()] == [(message["id"], message["content"]) for message in thread.values["messages"][1:]]
    assert [*shown.values()] == ["Welcome!", "Goodbye, Ann."]


def test_words_of_the_machine_grow_like_any_other_message(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "greeter")
    parts = thread.stream("a greeting", "messages")
    partials = {m["id"]: m["content"] for event, data in parts if event == "messages/partial" for m in data}

    assert [text for text in partials.values() if text] == ["Welcome!", "Goodbye, Ann."]


# What is kept


def test_a_conversation_is_kept_from_turn_to_turn(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "", "I am Ann", "ann@b.org")

    assert thread.values["context"] == {"name": "Ann", "email": "ann@b.org"}
    assert thread.values["current_state"] == "done"
    assert texts(thread.values)[1:] == ["I am Ann", ANSWER, "ann@b.org", "Thank you, and goodbye."]
    landed = [point["values"].get("current_state") for point in thread.history if not point["next"]]
    assert landed == ["done", "ask_email", "ask_name"]


def test_a_failed_turn_can_be_tried_again(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "")
    assert thread.status(thread.begin("fail")) == "error"
    assert thread.values["current_state"] == "ask_name"
    assert "the model could not be called" in thread.snapshot["tasks"][0]["error"]

    thread.say("I am Ann")
    assert thread.values["context"] == {"name": "Ann"}


def test_a_message_that_is_sent_again_by_its_id_is_answered_as_it_was(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "")
    sent: Any = {"messages": [{"type": "human", "content": "I am Ann", "id": "u1"}]}
    streams = [
        [*client.runs.stream(thread.id, "form", input=sent, stream_mode=["messages-tuple", "values"])] for _ in range(2)
    ]
    first, again = ([part.data for part in parts if part.event == "values"][-1] for parts in streams)
    (shown,) = [part.data[0] for part in streams[1] if part.event.startswith("messages")]

    assert again == first
    assert (shown["content"], shown["id"]) == (ANSWER, again["messages"][-1]["id"])

    edited: Any = {"messages": [{"type": "human", "content": "I am Bob", "id": "u1"}]}
    assert "TurnConflict" in json.dumps(client.runs.wait(thread.id, "form", input=edited, raise_error=False))
    assert texts(thread.values) == texts(again)


def test_a_value_that_is_refused_is_told_and_nothing_is_stored(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "declared", "")
    before = thread.values
    refused = {**given("I am Ann"), "context": {"age": 5}}
    failed = client.runs.wait(thread.id, "declared", input=refused, raise_error=False)

    assert "its value is below 18" in json.dumps(failed)
    assert thread.values == before
    assert thread.say("I am Ann")["current_state"] == "ask_email"


def test_a_secret_is_in_no_stream_and_in_no_state(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "declared", "")
    told: Any = {**given("I am Ann"), "context": {"token": "s3cret 4711"}}
    modes: Any = ALL_MODES
    parts = [*client.runs.stream(thread.id, "declared", input=told, stream_mode=modes, stream_subgraphs=True)]
    token = thread.values["context"]["token"]
    again: Any = {**given("hm"), "context": thread.values["context"]}
    client.runs.wait(thread.id, "declared", input=again)

    assert token.startswith("fsm-secret-")
    assert thread.values["context"]["token"] == token
    assert "s3cret" not in repr([parts, thread.snapshot, client.threads.get_history(thread.id)])


# What is edited


def test_the_next_turn_starts_in_the_state_that_was_set(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "")
    thread.edit(current_state="ask_email")
    assert thread.values["current_state"] == "ask_email"
    assert thread.snapshot["next"] == []

    assert thread.say("ann@b.org")["last_turn"]["path"] == ["ask_email", "done"]


@pytest.mark.parametrize(
    ("values", "options"),
    [({"current_state": "ask_emial"}, {}), ({"context": {"name": "Ann"}}, {"as_node": "ask_emial"})],
    ids=["as the state", "as the node"],
)
def test_a_client_is_told_which_state_there_is_not(values: Json, options: Json, client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "")
    before = thread.values

    with pytest.raises(BadRequestError, match="Did you mean 'ask_email'"):
        thread.edit(**options, **values)
    assert thread.values == before


def test_a_context_that_was_edited_is_news_to_the_next_turn(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "")
    thread.edit(context={"name": "Bob"})
    thread.say("hm")

    assert thread.values["last_turn"]["changed"] == ["name"]
    assert thread.values["current_state"] == "ask_email"


def test_all_values_can_be_handed_back_with_an_edit_in_them(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "", "I am Ann")
    thread.edit(as_node="ask_email", **{**thread.values, "context": {"name": "Anna"}, "current_state": "ask_name"})
    after = thread.say("hm")

    assert after["last_turn"]["path"] == ["ask_name", "ask_email"]
    assert after["context"] == {"name": "Anna"}
    assert texts(after)[:3] == [SPOKEN, "I am Ann", ANSWER]


def test_a_breakpoint_lets_the_context_be_edited_in_the_middle_of_a_turn(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "")
    thread.say("I am Ann", interrupt_before=["ask_email"])
    assert thread.snapshot["next"] == ["ask_email"]
    thread.edit(context={"name": "Anna", "vip": True})

    assert thread.go_on()["current_state"] == "ask_email"
    assert thread.values["context"] == {"name": "Anna", "vip": True}


def test_a_fork_goes_its_own_way(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "", "I am Ann")
    begun = next(point for point in thread.history[1:] if not point["next"])
    forked = thread.say("I am Bob", checkpoint=begun["checkpoint"])

    assert forked["context"] == {"name": "Bob"}
    assert texts(forked) == [SPOKEN, "I am Bob", "Hello Bob! And your e-mail?"]


def test_an_earlier_turn_can_be_played_again_with_another_message(client: SyncLangGraphClient) -> None:
    thread = Thread(client, "form", "", "I am Ann")
    asked = next(point for point in thread.history if point["next"] == ["ask_name"] and point["values"]["messages"][1:])
    edited = {**asked["values"]["messages"][-1], "content": "I am Bob"}
    fork: Any = client.threads.update_state(
        thread.id, {"messages": [edited]}, as_node="__start__", checkpoint=asked["checkpoint"]
    )
    forked = thread.go_on(checkpoint=fork["checkpoint"])

    assert forked["context"] == {"name": "Bob"}
    assert texts(forked) == [SPOKEN, "I am Bob", "Hello Bob! And your e-mail?"]


# Two messages at once


@pytest.fixture
def slow(client: SyncLangGraphClient, model: OpenAIServer) -> Iterator[Thread]:
    """A conversation in which a turn is under way, whose answer is held back."""
    model.hold()
    thread = Thread(client)
    asked = len(model.requests)
    thread.first = thread.begin("a slow answer")
    until = time.monotonic() + WAIT
    while len(model.requests) == asked:
        assert time.monotonic() < until
        time.sleep(0.02)
    yield thread
    model.go_on()


def test_a_second_message_can_be_refused(slow: Thread, model: OpenAIServer) -> None:
    with pytest.raises(ConflictError):
        slow.begin("I am Ann", multitask_strategy="reject")
    model.go_on()

    assert slow.status(slow.first) == "success"
    assert slow.values["context"] == {"name": "Slow"}


def test_a_second_message_can_wait(slow: Thread, model: OpenAIServer) -> None:
    second = slow.begin("ann@b.org", multitask_strategy="enqueue")
    model.go_on()

    assert (slow.status(slow.first), slow.status(second)) == ("success", "success")
    assert slow.values["context"] == {"name": "Slow", "email": "ann@b.org"}


def test_a_second_message_can_interrupt_the_first(slow: Thread, model: OpenAIServer) -> None:
    second = slow.begin("I am Ann", multitask_strategy="interrupt")
    model.go_on()

    assert (slow.status(second), slow.status(slow.first)) == ("success", "interrupted")
    assert slow.values["context"] == {"name": "Ann"}
    assert texts(slow.values) == ["a slow answer", "I am Ann", ANSWER]


def test_a_second_message_can_undo_the_first(slow: Thread, model: OpenAIServer) -> None:
    second = slow.begin("I am Ann", multitask_strategy="rollback")
    model.go_on()

    assert slow.status(second) == "success"
    assert texts(slow.values) == ["I am Ann", ANSWER]


# Assistants


def test_an_assistant_chooses_the_model(client: SyncLangGraphClient, model: OpenAIServer) -> None:
    offline = client.assistants.create("form", context={"model": "offline"}, name="Form without a model")
    thread, asked = Thread(client), len(model.requests)
    values: Any = client.runs.wait(thread.id, offline["assistant_id"], input=given("My name is Ann Lee"))

    assert values["context"] == {"name": "Ann Lee"}
    assert len(model.requests) == asked


def test_a_front_end_finds_all_messages_of_a_long_conversation_in_the_state(client: SyncLangGraphClient) -> None:
    thread = Thread(client)
    sent: Any = [{"role": "user" if n % 2 == 0 else "assistant", "content": str(n)} for n in range(40)]
    client.runs.wait(thread.id, "form", input={"messages": [*sent, {"role": "user", "content": "hm"}]})
    assert [message["content"] for message in thread.values["messages"]] == [
        *map(str, range(40)),
        "hm",
        "Your name, please.",
    ]
