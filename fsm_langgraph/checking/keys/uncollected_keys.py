"""Keys that a condition waits for and that nobody is asked for: forgotten in the states, or misspelt.

Where keys are declared it is certain who writes one, if the definition says the truth: a key of the model's that no
state collects is one that the model alone may write, at any time. So it is told. Two kinds are left out. A global
transition's condition is a trigger: the model notes `danger` wherever the user says so. And what a state's
instructions name (`extraction_instructions`, a name in quotes or with an underscore) is asked for in words.

Where none are declared any handler and any caller may write a key, and files made for LLM-FSM are full of such keys. So
only a slip of the hand is told there: nobody has a handler for `nigths` beside a `nights` that is collected. The rest
are notes, since `written_by` cannot be said without declaring all keys, which is too much to ask of a sound file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.keys.kept_inside import kept_inside
from fsm_langgraph.checking.keys.key_use import KeyUse, Reading
from fsm_langgraph.checking.misspelt_names import DETOURS, MisspeltNames
from fsm_langgraph.checking.placed_transitions import placed_transitions
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import FSMDefinition, State


def find_uncollected_keys(use: KeyUse) -> Iterator[Finding]:
    """Tell each key that conditions read and that no state collects, where it is read first."""
    told = set[str]()
    for reading in use.readings:
        key = reading.key
        if key in told or key in use.collected or key in use.brought:
            continue
        told.add(key)
        is_declared = use.definition.context is not None
        if is_declared and (not use.is_of_the_model(key) or key in use.definition.secret_keys):
            continue  # of a secret of the model's the checks of secrets tell
        if (kept := kept_inside(use, reading)) is not None:
            yield kept
        elif not is_declared and (near := use.names.meant_by(key) or _wrapped(use, reading.name)) is not None:
            yield _slip(use, reading.path, f"the condition reads {reading.name!r}", key, near)
        elif key not in use.triggers and not use.is_asked_in_words(key):
            yield _declared(use, reading) if is_declared else _undeclared(reading)
    if use.definition.context is None:
        yield from _misspelt_in_lists(use, told)
    else:
        yield from _never_confirmed(use, told)
        yield from _never_changed(use, told)
    yield from _collected_beside(use)


def _wrapped(use: KeyUse, name: str) -> str | None:
    """Return the key that a name has something around: `{{size}}`, `nights > 2`, `context.size`."""
    root, _, rest = name.partition(".")
    if root in DETOURS and rest.partition(".")[0] in use.known:
        return rest.partition(".")[0]
    is_a_name = re.fullmatch(r"[\w .-]*", name) is not None
    return None if is_a_name else next((word for word in re.findall(r"\w+", name) if word in use.known), None)


def _declared(use: KeyUse, reading: Reading) -> Finding:
    key = reading.key
    message = (
        f"the condition reads {reading.name!r}, and no state collects {key!r}: "
        "nobody is asked for it, and the model alone may write it, at any time."
    )
    advice = (
        f'{_meant(use, key)}Let a state that asks for it collect it: "optional_context_keys": ["{key}"]. '
        'Or, where code writes it, declare it "written_by": "handler", or "caller".'
    )
    return Finding(reading.path, "never-collected", message, advice)


def _never_confirmed(use: KeyUse, told: set[str]) -> Iterator[Finding]:
    """Tell keys that conditions confirm and that nobody is asked for, so that there is nothing to confirm."""
    for path, name in _confirmed(use.definition):
        key = use.root(name)
        if key in told or key in use.collected or key in use.brought or not _is_unasked(use, key):
            continue
        told.add(key)
        message = f"the condition confirms {name!r}, and no state collects {key!r}: nobody is asked for it."
        advice = (
            f'{_meant(use, key)}Confirm a key that is collected; or collect it: "optional_context_keys": ["{key}"]. '
            'Or, where code writes it, declare it "written_by": "handler", or "caller".'
        )
        yield Finding(path, "never-collected", message, advice)


def _is_unasked(use: KeyUse, key: str) -> bool:
    """Say whether a key is the model's to write, and no words ask for it; a secret need not be asked for."""
    return use.is_of_the_model(key) and key not in use.definition.secret_keys and not use.is_asked_in_words(key)


def _never_changed(use: KeyUse, told: set[str]) -> Iterator[Finding]:
    """Tell keys that others depend on and that nobody is asked for, so that they hardly ever change."""
    for dependent, declared in (use.definition.context or {}).items():
        for index, key in enumerate(declared.depends_on):
            if key in told or key in use.known or key in use.triggers or not _is_unasked(use, key):
                continue
            told.add(key)
            message = f"{dependent!r} depends on {key!r}, and no state collects {key!r}: nobody is asked for it."
            advice = (
                f'{_meant(use, key)}Let it depend on a key that is collected; or collect it: "optional_context_keys": '
                f'["{key}"]. Or, where code writes it, declare it "written_by": "handler", or "caller".'
            )
            yield Finding(at("context", dependent, "depends_on", index), "never-collected", message, advice)


def _undeclared(reading: Reading) -> Finding:
    key = reading.key
    message = (
        f"the condition reads {reading.name!r}, and no state collects {key!r}: "
        "unless a handler or the caller writes it, nobody is asked for it, and the model alone may write it."
    )
    advice = (
        f'Let a state that asks for it collect it: "optional_context_keys": ["{key}"]. '
        f'Or declare the keys in "context", and {key!r} as "written_by": "handler", or "caller".'
    )
    return Finding(reading.path, "unknown-writer", message, advice)


def _meant(use: KeyUse, key: str) -> str:
    near = use.names.meant_by(key)
    return f"Did you mean {near!r}?  " if near is not None else ""


def _slip(use: KeyUse, path: str, told: str, key: str, near: str) -> Finding:
    who = f"{use.collected[near][0]!r} collects {near!r}" if near in use.collected else f"there is {near!r}"
    message = f"{told}, and no state collects {key!r}; {who}."
    return Finding(path, "misspelt-key", message, f"Did you mean {near!r}?")


def _misspelt_in_lists(use: KeyUse, told: set[str]) -> Iterator[Finding]:
    """Tell misspelt keys that states forget or show, and that conditions confirm, where nothing is declared."""
    for path, key, what in _listed(use.definition):
        root = use.root(key)
        if root in told or root in use.collected or root in use.brought:
            continue
        told.add(root)
        if (near := use.names.meant_by(root)) is not None:
            yield _slip(use, path, f"{what} {key!r}", root, near)


def _listed(definition: FSMDefinition) -> Iterator[tuple[str, str, str]]:
    for state in definition.states.values():
        for index, key in enumerate(state.forget):
            yield at("states", state.id, "forget", index), key, f"the state {state.id!r} forgets"
        for index, key in enumerate(state.visible_context_keys or ()):
            yield at("states", state.id, "visible_context_keys", index), key, f"the state {state.id!r} shows"
    for path, key in _confirmed(definition):
        yield path, key, "the condition confirms"


def _confirmed(definition: FSMDefinition) -> Iterator[tuple[str, str]]:
    for placed in placed_transitions(definition):
        for steps, condition in placed.conditions:
            for index, key in enumerate(condition.confirms):
                yield at(*steps, "confirms", index), key


def _collected_beside(use: KeyUse) -> Iterator[Finding]:
    """Tell a misspelt key that a state collects and nothing reads, where its conditions read the right one."""
    read = {reading.key for reading in use.readings}
    for state in use.definition.states.values():
        wanted = _wanted_of_others(use, state)
        for key in state.own_keys if wanted else ():
            near = MisspeltNames(wanted).meant_by(key) if key not in read else None
            if near is not None:
                message = (
                    f"the state {state.id!r} collects {key!r}, which no condition reads, "
                    f"and its own conditions read {near!r}, which it does not collect."
                )
                yield Finding(_place(state, key), "misspelt-key", message, f"Did you mean {near!r}?")


def _wanted_of_others(use: KeyUse, state: State) -> list[str]:
    """Name the keys that the conditions of a state read and that other states alone collect."""
    names = (name for transition in state.transitions for name in transition.reads)
    return sorted(key for key in set(use.roots(names)) if key in use.collected and key not in state.own_keys)


def _place(state: State, key: str) -> str:
    field = "required_context_keys" if key in state.required_context_keys else "optional_context_keys"
    return at("states", state.id, field, getattr(state, field).index(key))
