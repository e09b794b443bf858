"""Tags that a model copies into a message of the turn: what fills them, and whether something may not.

A writer is told of another state with the tags of the keys that its own reply may write. A model that copies one has it
filled by what the state where the turn lands is shown, or its message is refused. A message that may hold a tag that
nothing fills is held, as what was shown cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping

from fsm_langgraph.context.writes import Context
from fsm_langgraph.prompts.lookups import Live
from fsm_langgraph.templates.copied_tags import CopiedTags
from fsm_langgraph.turn.part import Part
from fsm_langgraph.turn.turn import Draft


def values_for_tags(part: Part, written_in: str) -> Context:
    """Return the values that fill the tags of a message for this state, under the names that its writer was told.

    Args:
        part: The state.
        written_in: The path of the state whose call wrote the message.
    """
    known, names = part.shown_of(part.scope.context), _names(part, written_in)
    return known if names is None else {name: known[key] for key, name in names.items() if key in known}


def may_have_gaps(part: Part, written_in: str, live: Live, known: Context) -> bool:
    """Say whether the writer of a message for this state was told of tags that nothing fills.

    Args:
        part: The state.
        written_in: The path of the state whose call wrote the message.
        live: What the store held for it, in this machine.
        known: The values for its tags.
    """
    if written_in == part.path:
        return False
    tags = part.machine.prompts[part.state.id].tags_left(live.instructions.get(part.state.id))
    if not tags:
        return False
    names = _names(part, written_in)
    told = tags if names is None else {names[key] for key in tags if key in names}
    return any(known.get(name) in (None, "", [], {}) for name in told)


def without_tags(part: Part, draft: Draft) -> str | None:
    """Return the text of a message for this state with its tags filled; `None` where it cannot be shown so.

    That is where nothing fills a tag, or where nothing is left of the text. In a forecast it is still to be written.
    """
    if not draft.text:
        return ""
    tags = CopiedTags(part.machine.tag_roots | draft.tag_roots, values_for_tags(part, draft.written_in))
    text = tags.fill(draft.text)
    return None if tags.fault or not text.strip() else text


def _names(part: Part, written_in: str) -> Mapping[str, str] | None:
    """Return the names of this machine's keys where a message was written; `None` where that was in this machine."""
    machine = part.machine
    if not machine.inputs or written_in.startswith(f"{machine.runs_in}/"):
        return None
    around = [path for path in machine.inputs if not path or written_in.startswith(f"{path}/")]
    return machine.inputs[max(around, key=len)] if around else {}
