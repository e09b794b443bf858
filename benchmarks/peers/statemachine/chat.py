"""The form as a python-statemachine, and a loop around the OpenAI client: the state chooses prompt and functions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
from statemachine import State, StateChart

KEYS = ("name", "email", "birthdate")
ROLE = """You are a friendly receptionist: warm, brief, never pushy.
You collect a name, an e-mail address and a date of birth, read them back and correct them until they are right.
When the user tells or corrects any of them, save it at once with the function. Stay with the current step:
"""
STEPS = {
    "asking_name": "Greet the user and say that you will ask for three things: a name, an e-mail address and a date of"
    " birth. Do not ask for any of them yet; invite the user to begin. Then ask for the full name."
    " If only a first name is given, take it.",
    "asking_email": "Ask for the e-mail address. If what the user gives is no e-mail address, say so kindly and ask"
    " again.",
    "asking_birthdate": "Ask for the date of birth. Take any common way of writing a date.",
    "summary": "List the three values, one on each line, and ask whether they are right. If they are, confirm them."
    " If not, ask what is wrong: the name, the e-mail address or the date of birth.",
    "done": "Thank the user by name and say goodbye.",
}
SAVE = {
    "name": "save",
    "description": "Save what the user has told or corrected; leave out the rest.",
    "parameters": {
        "type": "object",
        "properties": {
            "name": {"type": "string", "description": "The user's full name"},
            "email": {"type": "string", "description": "The user's e-mail address"},
            "birthdate": {"type": "string", "description": "The user's date of birth, as YYYY-MM-DD"},
        },
    },
}
CONFIRM = {
    "name": "confirm",
    "description": "Note that the user has said that all three values are right.",
    "parameters": {"type": "object", "properties": {}},
}
FUNCTIONS = {"summary": [SAVE, CONFIRM], "done": []}
CLIENT = openai.AsyncOpenAI()


class Form(StateChart):
    """Which question is asked."""

    asking_name = State(initial=True)
    asking_email = State()
    asking_birthdate = State()
    summary = State()
    done = State(final=True)

    save = (
        asking_name.to(summary, cond="complete")
        | asking_name.to(asking_email, cond="name")
        | asking_email.to(summary, cond="complete")
        | asking_email.to(asking_birthdate, cond="email")
        | asking_birthdate.to(summary, cond="complete")
    )
    confirm = summary.to(done)

    def __init__(self) -> None:
        self.name = self.email = self.birthdate = ""
        super().__init__()

    def complete(self) -> bool:
        """Say whether all is known."""
        return all(getattr(self, key) for key in KEYS)

    def call(self, function: str, arguments: dict[str, str]) -> str:
        """Do what the model asks for; the machine stays where its state does not allow it."""
        for key in KEYS:
            setattr(self, key, arguments.get(key) or getattr(self, key))
        self.send(function)
        return f"Done: {function}."


class Chat:
    """One conversation."""

    def __init__(self) -> None:
        self._form = Form()
        self._messages: list[dict[str, Any]] = []

    async def say(self, text: str) -> AsyncIterator[str]:
        """Take what the user says, and yield the answer piece by piece."""
        if text:
            self._messages.append({"role": "user", "content": text})
        calls: list[dict[str, Any]] = [{}]
        while calls:
            calls, said = [], ""
            async for chunk in await self._ask():
                delta = chunk.choices[0].delta
                if delta.content:
                    said += delta.content
                    yield delta.content
                for part in delta.tool_calls or ():
                    if part.index == len(calls):
                        function = {"name": part.function.name, "arguments": ""}
                        calls.append({"id": part.id, "type": "function", "function": function})
                    calls[part.index]["function"]["arguments"] += part.function.arguments or ""
            self._messages.append({"role": "assistant", "content": said, **({"tool_calls": calls} if calls else {})})
            for call in calls:
                function = call["function"]
                told = self._form.call(function["name"], json.loads(function["arguments"]))
                self._messages.append({"role": "tool", "tool_call_id": call["id"], "content": told})

    async def _ask(self) -> Any:
        (step,) = self._form.configuration_values
        known = ", ".join(f"{key}: {value}" for key in KEYS if (value := getattr(self._form, key)))
        prompt = f"{ROLE}{STEPS[step]}\nKnown so far: {known or 'nothing'}."
        tools = [{"type": "function", "function": function} for function in FUNCTIONS.get(step, [SAVE])]
        return await CLIENT.chat.completions.create(
            model="gpt-4o-mini",
            messages=[{"role": "system", "content": prompt}, *self._messages],
            stream=True,
            **({"tools": tools} if tools else {}),
        )

    async def data(self) -> dict[str, Any]:
        """Return what is known."""
        return {key: getattr(self._form, key) for key in KEYS}
