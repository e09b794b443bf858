"""The errors of what is built: a definition, a guard in it, and the graph with all that is given for it.

Nothing was built where one of them is raised, and no conversation has been touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fsm_langgraph.errors.fsm_error import FSMError
from fsm_langgraph.errors.problem import Problem


class DefinitionError(FSMError):
    """A definition has problems; `problems` holds every one of them, in document order."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(_told(source, self.problems))


def _told(source: str, problems: Sequence[Problem]) -> str:
    count = f"{len(problems)} problem" + ("" if len(problems) == 1 else "s")
    return "\n".join([f"{source}: {count}", *map(str, problems)])


class ScenarioError(FSMError):
    """A file of scenarios has problems; `problems` holds every one of them, in document order."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__(_told(source, self.problems))


class LogicError(FSMError):
    """A JsonLogic expression was refused; `problems` holds why, with paths inside the expression."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class SetupError(FSMError):
    """The graph cannot be built with what was given besides the definition; nothing was built."""


class OptionSetupError(SetupError):
    """Options have names that there are not, or values that make no sense; `problems` holds every one of them."""

    def __init__(self, problems: Sequence[Problem], given: Mapping[str, object]) -> None:
        self.problems = tuple(problems)
        self.given = dict(given)
        super().__init__("\n".join(map(str, self.problems)))


class ModelSetupError(SetupError):
    """No chat model could be made from what was given; the sentence says what to give instead."""

    def __init__(self, model: object, reason: str, advice: str) -> None:
        self.model = model
        super().__init__(f"{model!r}: {reason}\n  {advice}")


class ReferenceSetupError(SetupError):
    """Handlers or tools that were given by reference could not be loaded; `__cause__` is what their code raised."""

    def __init__(self, option: str, reference: object, found: str, advice: str) -> None:
        self.option = option
        self.reference = reference
        self.found = found
        self.advice = advice
        super().__init__(f"{option}={str(reference)!r}: {found}\n  {advice}")


class HandlerSetupError(SetupError):
    """Handlers name states that the definition does not have; `problems` holds every such name."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class ToolSetupError(SetupError):
    """The tools that were given are not those that the states name; `problems` holds everything that is wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class GraphToolError(SetupError):
    """A graph cannot be made a tool as it was meant to."""

    def __init__(self, name: str, reason: str, advice: str) -> None:
        self.name = name
        self.reason = reason
        super().__init__(f"the tool {name!r}: {reason}\n  {advice}")


class StoreSetupError(SetupError):
    """The store lacks what the definition requires of it; nothing was built."""

    def __init__(self, missing: Mapping[str, str], advice: str) -> None:
        self.lookups = tuple(missing)
        told = [f"lookup {name!r} is required, but {reason}." for name, reason in missing.items()]
        super().__init__("\n".join([*told, f"  {advice}"]))


class GraphSetupError(SetupError):
    """A node, an edge or a channel of one's own does not fit the machine's graph."""

    def __init__(self, found: str, advice: str) -> None:
        self.found = found
        self.advice = advice
        super().__init__(f"{found}\n  {advice}")
