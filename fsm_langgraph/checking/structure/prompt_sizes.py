"""Prompts that become longer than the author allows (`check: {max_prompt_tokens: …}`)."""

from __future__ import annotations

from collections.abc import Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.structure.machine_shape import Shape


def find_long_prompts(shape: Shape) -> Iterator[Finding]:
    """Tell of each state whose longest prompt comes to more tokens than the outermost machine allows.

    The tokens are an estimate; `longest_prompts.py` says how it is made, and what it leaves out.
    """
    definition, most = shape.definition, shape.definition.check.max_prompt_tokens
    if most is None or shape.view.outer is not None:
        return
    # Imported where it is needed: to write prompts takes more than all these checks.
    from fsm_langgraph.checking.state_rows import state_rows

    told = set[str]()
    for row in state_rows(definition):
        if row.prompt_tokens is not None and row.prompt_tokens > most and row.place not in told:
            told.add(row.place)  # a sub-machine that several states run is told of once
            message = (
                f"the prompt of {row.state!r} comes to about {row.prompt_tokens:,} tokens, and {most:,} are allowed."
            )
            advice = (
                "Shorten its texts, show it fewer keys ('visible_context_keys'), or allow more ('max_prompt_tokens')."
            )
            yield Finding(row.place, "prompt-too-long", message, advice)
