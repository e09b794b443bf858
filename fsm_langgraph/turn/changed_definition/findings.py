"""The findings about a conversation whose definition has changed: what does not fit, and what was changed for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from fsm_langgraph.context.secret_tokens import Vault
from fsm_langgraph.definition import FSMDefinition, Identity, Migration
from fsm_langgraph.turn.definition_change import DefinitionChange


@dataclass(frozen=True, slots=True)
class ChangedMachine:
    """A machine of a conversation: the outermost one, or one that a state runs."""

    definition: FSMDefinition
    """Its definition, as it is now."""
    path: str = ""
    """The beginning of the paths in it: `payment/`."""
    before: str = ""
    """The same as it was when the conversation was stored."""

    def inside(self, state: str, before: str) -> ChangedMachine:
        """Return the sub-machine that runs in a state, which had another name before."""
        name = self.definition.states[state].subflow or ""
        return ChangedMachine(self.definition.subflows[name], f"{self.path}{state}/", f"{self.before}{before}/")


@dataclass(slots=True)
class Findings:
    """All that is found about one conversation."""

    had: Identity | None
    """The definition that it was held with; `None` where an earlier release has stored it."""
    migration: Migration
    vault: Vault | None = None
    """The secrets that are known, which takes in new ones; `None` where nobody looks at them, and tokens stay."""
    differences: list[str] = field(default_factory=list)
    """All that does not fit, each as a sentence with what to do about it."""
    states: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    coerced: list[str] = field(default_factory=list)
    defaults: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    undeclared: list[str] = field(default_factory=list)

    def had_key(self, path: str) -> bool | None:
        """Say whether the definition before had a key; `None` where that is not known."""
        return path in self.had.keys if self.had is not None else None

    def told(self, definition: FSMDefinition) -> DefinitionChange | None:
        """Write down what has changed; nothing where the definition is not known to be another one, and nothing has."""
        revision, fingerprint = (self.had.revision, self.had.fingerprint) if self.had is not None else ("", "")
        change = DefinitionChange(revision=revision, fingerprint=fingerprint, now=definition.fingerprint)
        if self.had is not None and self.had.name != definition.name:
            change["name"] = self.had.name
        if self.states:
            change["states"] = self.states
        if self.keys:
            change["keys"] = self.keys
        if self.coerced:
            change["coerced"] = sorted({*self.coerced})
        if self.defaults:
            change["defaults"] = sorted({*self.defaults})
        if self.dropped:
            change["dropped"] = sorted({*self.dropped})
        if self.undeclared:
            change["undeclared"] = sorted({*self.undeclared})
        return change if self.had is not None or len(change) > _ALWAYS else None


_ALWAYS = 3
"""How many members each note has."""
