"""Where the keys of a machine can be there: a forward data-flow analysis over its states, with sets of bits.

    can_come[S]    the keys that somebody may have been asked for before S is entered
    can_stand[S]   the same, once S is entered: without what it forgets, with what it collects
    can_lack[S]    the keys that may be absent when S is entered, however the conversation came there

A state hands on what can stand in it. Of a key that is told without being asked for nothing is said here, and one that
code or the machine around may bring is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import cached_property, reduce
from operator import or_

from fsm_langgraph.checking.forgetting import forgotten_with
from fsm_langgraph.checking.keys.key_use import KeyUse
from fsm_langgraph.checking.keys.needed_keys import needed_names
from fsm_langgraph.checking.keys.state_flow import Bits, by_kind, flow_forward
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.trial import is_watched
from fsm_langgraph.definition import FSMDefinition, GlobalTransition, State, Transition


class KeyFlow:
    """The ways of the keys that the model collects, through one machine.

    Args:
        view: The machine.
    """

    def __init__(self, view: MachineView) -> None:
        self.definition: FSMDefinition = view.definition
        self.use = view.once(KeyUse)
        self._bits = {key: 1 << index for index, key in enumerate(filter(self._is_followed, self.use.collected))}
        self._needed: dict[int, Bits] = {}

    @cached_property
    def reached(self) -> list[str]:
        """The states that transitions lead to from the initial one, the nearest first."""
        return list(self._can_come)

    def can_come(self, state: State, key: str) -> bool:
        """Say whether a key may be there when a state is entered; one that is not followed always may."""
        return key not in self._bits or bool(self._can_come.get(state.id, 0) & self._bits[key])

    def can_stand(self, state: State, key: str) -> bool:
        """Say whether a key may be there once a state is entered and has asked."""
        if key not in self._bits:
            return True
        return bool(self._standing(state, self._can_come.get(state.id, 0)) & self._bits[key])

    def could_stand(self, state: State, key: str) -> bool:
        """Say whether a key may be there, if no state forgot anything."""
        if key not in self._bits:
            return True
        come = self._could_come.get(state.id, 0)
        return bool((come | self._gained[state.id]) & self._bits[key])

    def can_lack(self, state: State, key: str) -> bool:
        """Say whether a key may be absent when a state is entered; one that is not followed is not known to be."""
        return key in self._bits and bool(self._can_lack.get(state.id, 0) & self._bits[key])

    def needed(self, transition: Transition) -> list[str]:
        """Name the keys without which a transition is closed, in alphabetical order."""
        return sorted(set(self.use.roots(needed_names(transition))))

    def path_without(self, key: str) -> Mapping[str, str | None]:
        """Return the states that can be reached while a key is not there, each with the one before."""
        bit, states = self._bits[key], self.definition.states
        came_from: dict[str, str | None] = {self.definition.initial_state: None}
        everywhere = by_kind(self.definition)
        for state_id in (waiting := [*came_from]):  # it grows while it is walked
            state = states[state_id]
            onward: list[Transition] = [*state.transitions]
            for kind in [each for each in everywhere if is_watched(state, is_conditional=each)]:
                onward += everywhere.pop(kind)  # they lead to the same states from all others
            for transition in onward:
                if transition.target_state not in came_from and not self._needed_bits(transition) & bit:
                    came_from[transition.target_state] = state_id
                    waiting.append(transition.target_state)
        return came_from

    def collected_after(self, key: str) -> Set[str]:
        """Return the states from which a transition, or several, lead to one that collects a key."""
        before = self._before
        found = {source: None for state_id in self.use.collected.get(key, ()) for source in before.get(state_id, ())}
        for state_id in (waiting := [*found]):  # it grows while it is walked
            fresh = dict.fromkeys(source for source in before.get(state_id, ()) if source not in found)
            found.update(fresh)
            waiting += fresh
        return found.keys()

    @cached_property
    def _before(self) -> dict[str, list[str]]:
        """The states whose own transitions lead to each state."""
        found: dict[str, list[str]] = {}
        for state in self.definition.states.values():
            for transition in state.transitions:
                found.setdefault(transition.target_state, []).append(state.id)
        return found

    def made_stale_by(self, state: State) -> dict[str, str]:
        """Return the keys that an answer given in a state makes stale, each with one that it depends on.

        It is the first answer to a key that nobody was asked for before, and no transition goes on without it.
        """
        if not (stale := self._stale(state, self._can_come.get(state.id, 0))):
            return {}
        return {
            key: next((of for of in many if of in state.own_keys), many[0])
            for key, many in self.definition.dependents.items()
            if stale & self._bits.get(key, 0)
        }

    def _is_followed(self, key: str) -> bool:
        return self.use.is_of_the_model(key) and key not in self.use.brought

    @cached_property
    def _defaults(self) -> Bits:
        return self._as_bits(self.definition.defaults)

    @cached_property
    def _can_come(self) -> dict[str, Bits]:
        """The keys that may be there as each reached state is entered."""
        return flow_forward(self.definition, self._defaults, self._standing, lambda stand, _: stand)

    @cached_property
    def _could_come(self) -> dict[str, Bits]:
        return flow_forward(
            self.definition, self._defaults, lambda state, come: come | self._gained[state.id], lambda stand, _: stand
        )

    @cached_property
    def _can_lack(self) -> dict[str, Bits]:
        return flow_forward(
            self.definition,
            self._as_bits(self._bits) & ~self._defaults,
            lambda state, lack: lack | self._taken_away[state.id],
            lambda lack, transition: lack & ~self._needed_bits(transition),
        )

    @cached_property
    def _taken_away(self) -> dict[str, Bits]:
        """The keys that may be absent after each state was entered; what goes with others takes its default."""
        return {
            state.id: self._as_bits(state.forget)
            | self._as_bits(forgotten_with(self.definition, state)) & ~self._defaults
            for state in self.definition.states.values()
        }

    def _standing(self, state: State, come: Bits) -> Bits:
        return come & ~self._forgotten[state.id] & ~self._stale(state, come) | self._gained[state.id]

    @cached_property
    def _forgotten(self) -> dict[str, Bits]:
        definition = self.definition
        return {
            state.id: self._as_bits(definition.forgotten_in(state))
            | self._as_bits(forgotten_with(definition, state)) & ~self._defaults
            for state in definition.states.values()
        }

    @cached_property
    def _gained(self) -> dict[str, Bits]:
        """The keys that each state collects, and those of the digressions that begin in it.

        Where nothing is declared the tools of a state may write any key.
        """
        digressed = {kind: self._collected_in(leading) for kind, leading in by_kind(self.definition).items()}
        found: dict[str, Bits] = {}
        for state in self.definition.states.values():
            may_write_any = state.tools and self.definition.context is None
            found[state.id] = self._as_bits(self._bits if may_write_any else state.own_keys)
            for kind, keys in digressed.items():
                found[state.id] |= keys if is_watched(state, is_conditional=kind) else 0
        return found

    def _collected_in(self, leading: Iterable[GlobalTransition]) -> Bits:
        """Return the keys that some digressions collect before they come back."""
        states = self.definition.states
        begun = [each.target_state for each in leading if each.returns]
        reached = dict.fromkeys(begun)
        for state_id in begun:  # it grows while it is walked
            fresh = [each.target_state for each in states[state_id].transitions if each.target_state not in reached]
            reached.update(dict.fromkeys(fresh))
            begun += dict.fromkeys(fresh)
        return self._as_bits(key for state_id in reached for key in states[state_id].own_keys)

    def _stale(self, state: State, come: Bits) -> Bits:
        """Return the keys that the first answers given in a state make stale; `come` may be there as it is entered."""
        changed, stale = self._asked_of[state.id] & ~come, 0
        if changed:
            own = self._as_bits(state.own_keys)
            for key, needed in self._dependents:  # what others depend on comes first
                if needed & (changed | stale):
                    stale |= key & ~own
        return stale

    @cached_property
    def _dependents(self) -> list[tuple[Bits, Bits]]:
        """Each key that depends on others, with these."""
        found = ((self._as_bits([key]), self._as_bits(needed)) for key, needed in self.definition.dependents.items())
        return [(key, needed) for key, needed in found if key and needed]

    @cached_property
    def _asked_of(self) -> dict[str, Bits]:
        """The keys that others depend on and that each state asks for and does not go on without."""
        depended_on, found = reduce(or_, (needed for _, needed in self._dependents), 0), dict[str, Bits]()
        for state in self.definition.states.values():
            asked = self._as_bits(state.own_keys) & depended_on if state.transitions else 0
            for transition in state.transitions if asked else ():
                asked &= self._needed_bits(transition)
            found[state.id] = asked
        return found

    def _needed_bits(self, transition: Transition) -> Bits:
        found = self._needed.get(id(transition))
        if found is None:
            found = self._needed[id(transition)] = self._as_bits(self.use.roots(needed_names(transition)))
        return found

    def _as_bits(self, keys: Iterable[str]) -> Bits:
        found = 0
        for key in keys:
            found |= self._bits.get(key, 0)
        return found
