"""The codes of names that nothing has or that are taken, and of parts that make each other void."""

from __future__ import annotations

from fsm_langgraph.checking.codes.code import Code
from fsm_langgraph.checking.codes.loading.sample_order import END, ORDER

NAME_CODES: tuple[Code, ...] = (
    Code(
        "FSM030",
        "unknown-initial-state",
        "error",
        "A conversation that begins in a state that there is not",
        "`initial_state` names one of the keys under `states`.",
        example=END.replace("initial_state: served", "initial_state: srved"),
        mended=END,
    ),
    Code(
        "FSM031",
        "unknown-target",
        "error",
        "A transition into a state that there is not",
        "`target_state` names one of the keys under `states`. The same is told of a state that `migrate` names.",
        example=ORDER.replace("target_state: served", "target_state: srved"),
        mended=ORDER,
    ),
    Code(
        "FSM032",
        "id-mismatch",
        "error",
        "A state with two ids",
        "Transitions name the key under `states`, and the `id` in the state says the same.",
        example=END.replace("id: served", "id: done"),
        mended=END,
    ),
    Code(
        "FSM033",
        "reserved-name",
        "error",
        "A name that is taken",
        "Keys that begin with `_` are the machine's own, of which guards and templates may read `_stays` and\n"
        "`_now`. LangGraph keeps some names of nodes for itself, and refuses `|` and `:` in them. A tool is not\n"
        "named like the model's reply.",
        example=ORDER.replace("[coffee]\n    transitions", "[coffee]\n    forget: [_note]\n    transitions"),
        mended=ORDER.replace("[coffee]\n    transitions", "[coffee]\n    forget: [coffee]\n    transitions"),
    ),
    Code(
        "FSM034",
        "bad-name",
        "error",
        "A name that is not what it looks like",
        "A sign in it is invisible, turns the direction of the text or is a blank at its end, or another name looks\n"
        "the same. Nobody who reads the file could tell, so that a review would pass what it should not.",
        example=ORDER.replace("{type: string}", '{type: string}\n  "coffee ": {type: string}'),
        mended=ORDER,
    ),
    Code(
        "FSM035",
        "too-many-transitions",
        "error",
        "More global transitions than a model can be told of",
        "Every state's prompt lists all global transitions. Lead a few of them to states that tell the rest apart.",
        example="",
        mended="",
        unshown="It takes more than two hundred transitions.",
    ),
    Code(
        "FSM036",
        "contradiction",
        "error",
        "Parts that make each other void",
        "Two parts cannot both be meant, so that one of them would do nothing: keys to collect in a `silent` state,\n"
        "which calls no model; `say` in a step of thought, in which no turn rests; a confirmation that nobody could\n"
        "give or withhold; a migration of a state that there still is. The message names both, and the advice says\n"
        "which to drop.",
        example=ORDER.replace("    required", "    silent: true\n    required"),
        mended=ORDER,
    ),
    Code(
        "FSM037",
        "duplicate-tool",
        "error",
        "A tool that is there twice",
        "A state lists it twice, which is most often another one, misspelt; or two tools of one name were given.",
        example=ORDER.replace("[coffee]\n    transitions", "[coffee]\n    tools: [menu, menu]\n    transitions"),
        mended=ORDER.replace("[coffee]\n    transitions", "[coffee]\n    tools: [menu]\n    transitions"),
    ),
    Code(
        "FSM038",
        "unknown-path",
        "error",
        "An acceptance at a path that leads nowhere",
        "Under `check`, `accept` names the place of each finding that is meant so by its path, as `check` tells it.\n"
        "There is nothing at this one: most often the state was renamed or removed, and the acceptance is to\n"
        "follow.",
        example=END + "check:\n  accept: [{code: unreachable-state, at: states.srved, reason: It is sent there}]\n",
        mended=END,
    ),
)
