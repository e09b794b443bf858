"""Lookups that whoever talks can direct: a part of their place in the store is a key that the model writes.

A user who says "my number is 42" has the model note that, and reads what the store has under 42. So the place has to
be made of what the caller or a handler knows. It is harmless where another part of the place is such a key, which keeps
every user to what is theirs; and where the key is a choice among a few, such as a topic.
"""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.access.key_origins import Origin, model_origin
from fsm_langgraph.checking.access.machine_access import MachineAccess
from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.texts.template_texts import template_texts
from fsm_langgraph.context.machine_keys import MACHINE_KEYS
from fsm_langgraph.data.json_data import at
from fsm_langgraph.definition import Lookup
from fsm_langgraph.templates.store_lookups import names_read
from fsm_langgraph.templates.template import Template


def find_lookup_faults(view: MachineView) -> Iterator[Finding]:
    """Find the lookups whose place the model decides, and those that nothing reads.

    It assumes that handlers and the caller write what is theirs by what they know of the user.
    """
    if view.definition.store:
        access = view.once(MachineAccess)
        for name, lookup in view.definition.store.items():
            yield from _of_lookup(access, name, lookup)
    yield from _unread(view)


def _of_lookup(access: MachineAccess, name: str, lookup: Lookup) -> Iterator[Finding]:
    parts = [(at("store", name, "namespace", index), label) for index, label in enumerate(lookup.namespace)]
    parts.append((at("store", name, "key"), lookup.key))
    made_of = [(path, key) for path, text in parts for key in sorted(Template(text).roots - {*MACHINE_KEYS, ""})]
    origins = {key: model_origin(access, key) for _, key in made_of}
    is_kept_apart = None in origins.values()
    for path, key in made_of:
        origin = origins[key]
        if origin is None or is_kept_apart:
            continue
        if origin.is_choice:
            message = f"the model chooses by {key!r} what the lookup {name!r} finds: {origin.reason}."
            advice = f"That is sound if everybody may read all of it. If not, let {_WHO} make the place."
            yield Finding(path, "lookup-by-choice", message, advice)
        else:
            message = (
                f"the lookup {name!r} finds its item by {key!r}, which the model may write, so that whoever talks "
                f"chooses whose data is read: {origin.reason}."
            )
            yield Finding(path, "lookup-by-model-key", message, _advice(origin))


def _advice(origin: Origin) -> str:
    where = f" in {origin.declared_in}" if origin.declared_in else ""
    declare = f'Declare {origin.key!r}{where} with "written_by": "caller" or "handler"'
    if origin.is_open:
        declare = f'Add a \'context\' section{where} in which {origin.key!r} is "written_by": "caller" or "handler"'
    return f"{declare}, or add to the place a key that {_WHO} write, such as who the user is."


_WHO = "your own code or the caller"


def _unread(view: MachineView) -> Iterator[Finding]:
    """Note the lookups that no text reads; live instructions may read any."""
    lookups = view.definition.store
    if not lookups or any(machine.live_instructions for _, machine in view.definition.machines()):
        return
    read = frozenset[str]().union(*(names_read(text.template) for text in template_texts(view.definition)))
    for name in lookups if "" not in read else ():
        if name not in read:
            message = f"no text reads 'store.{name}', so that this lookup is never made."
            yield Finding(
                at("store", name), "unread-lookup", message, f"Read it by a tag, {{{{store.{name}}}}}, or remove it."
            )
