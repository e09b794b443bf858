"""Sub-machines brought into the definition that runs them: those that `subflow` names are put under `subflows`.

    "subflow": "payment"        an entry of the definition's own `subflows`, or of those of the machines around it, the
                                nearest first; or one that the caller gave
    "subflow": "payment.json"   the same, or else a file in the folder of the file that names it, or below; never one
                                outside of the root folder (`files.py`)

A definition that was given as a text or as data has no folder, and names no file. Of a file that turns out to be no
definition nothing is told but that: whoever reads the errors may not be who may read the file.

It works on the data, before anything is checked, so that one definition with all that it runs is checked, written out
and compiled as a whole: what a machine around has under `subflows` stands once more in the sub-machine that runs it. A
definition that would run itself, however far down, is a fault: it would never end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from fsm_langgraph.data.json_data import MAX_VALUES, Steps, UnreadableError, at, count_values
from fsm_langgraph.errors import Problem, suggest
from fsm_langgraph.loading.document import Document
from fsm_langgraph.loading.files import file_below, is_file
from fsm_langgraph.loading.named_files import as_named
from fsm_langgraph.loading.near_files import SUFFIXES
from fsm_langgraph.loading.origins import Origins, WrittenText

Data = dict[str, Any]
MOST_MACHINES = 1_000
"""How many machines a definition may come to, counted as often as they run: a few can name each other without end."""


def link(
    document: Document, read: Callable[[object], Document], named: Mapping[str, Any], root: Path | None = None
) -> Document:
    """Return a document with the definitions that its states run put into it.

    Args:
        document: A definition, as it was read.
        read: Reads a further source.
        named: The definitions, or where they are, that the caller gave a name.
        root: The folder in which, or below which, files have to lie that definitions name; where it is left out, that
            of the definition that the caller gave.
    """
    linker = _Linker(read, named, root)
    outermost = _Running(document.name, _identity(document))
    data = linker.linked(document.data, linker.home_of(document), _Place((), ()), chain=(outermost,), around=None)
    problems = (*document.problems, *linker.problems)
    origins = Origins({**document.origins.texts, **linker.texts})
    return replace(document, data=data, problems=problems, repeated=tuple(linker.repeated), origins=origins)


@dataclass(frozen=True, slots=True)
class _Running:
    """A definition on the way from the outermost one to the one that is linked."""

    name: str
    identity: object
    """The same for the same definition, however it is named."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of a definition: as its author wrote it, and in the data where it is brought in."""

    written: Steps
    stands: Steps

    def below(self, *steps: str | int) -> _Place:
        return _Place((*self.written, *steps), (*self.stands, *steps))


@dataclass(frozen=True, slots=True)
class _Home:
    """Where a definition looks for the files that it names."""

    folder: Path
    """Its own folder."""
    root: Path
    """The folder that they have to lie in, or below."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """The sub-machines that a definition has under `subflows`, and those of the machine around it."""

    own: Data
    home: _Home | None
    place: _Place
    around: _Scope | None

    def outwards(self) -> Iterator[_Scope]:
        scope: _Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.around


@dataclass(slots=True)
class _Linker:
    read: Callable[[object], Document]
    named: Mapping[str, Any]
    root: Path | None
    problems: list[Problem] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    """The paths at which definitions stand once more that are written elsewhere in the document."""
    texts: dict[Steps, WrittenText | None] = field(default_factory=dict)
    """The texts of the definitions that were brought in, by the way to each."""
    kept: dict[WrittenText, WrittenText] = field(default_factory=dict)
    count: int = 0
    values: int = 0
    """How many values the definitions hold that were brought in or stand here, counted as often as they run."""
    sizes: dict[int, int] = field(default_factory=dict)
    """How many of them each definition holds, by its identity."""

    def home_of(self, document: Document) -> _Home | None:
        """Say where a definition that the caller gave looks for files; nowhere if it is none itself."""
        folder = None if document.path is None else document.path.parent
        return None if folder is None else _Home(folder, self.root or folder)

    def linked(
        self,
        data: JsonValue,
        home: _Home | None,
        place: _Place,
        chain: tuple[_Running, ...],
        around: _Scope | None,
    ) -> JsonValue:
        states = data.get("states") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(states, dict):
            return data
        if not self._has_room(data, place):
            return data
        given = data.get("subflows")
        scope = _Scope(given if isinstance(given, dict) else {}, home, place, around)
        found: Data = {name: self._written(name, scope, (*place.stands, "subflows", name), chain) for name in scope.own}
        for state_id, state in states.items():
            name = state.get("subflow") if isinstance(state, dict) else None
            if isinstance(name, str) and name not in found:
                child = self._child(name, scope, chain, place.below("states", state_id, "subflow"))
                if child is not None:
                    found[name] = child
        return {**data, "subflows": found} if found != scope.own else data

    def _child(self, name: str, scope: _Scope, chain: tuple[_Running, ...], named_at: _Place) -> JsonValue | None:
        """Return the definition of this name, linked, or note why there is none."""
        outer = next((each for each in scope.outwards() if name in each.own), None)
        if outer is not None:
            if not self._may_run(_Running(name, id(outer.own[name])), chain, named_at):
                return None
            stands = (*scope.place.stands, "subflows", name)
            self.repeated.append(at(*stands))
            return self._written(name, outer, stands, chain)
        fetched = self._fetched(name, scope, chain, named_at)
        if fetched is None:
            return None
        child, home = fetched
        if not self._may_run(_Running(child.name, _identity(child)), chain, named_at):
            return None
        if not child.is_readable:
            self.problems += (
                replace(problem, path=at(*named_at.written), message=f"{child.name}: {problem.message}")
                for problem in child.problems
            )
            return None
        place = scope.place.below("subflows", name)
        self.problems += (problem.below(at(*place.written)) for problem in child.problems)
        self._remember(child, place)
        running = _Running(child.name, _identity(child))
        return self.linked(child.data, home, place, (*chain, running), scope)

    def _remember(self, child: Document, place: _Place) -> None:
        """Remember the texts of a definition at both of its places; one that is brought in often is kept once."""
        for steps, text in (child.origins.texts or {(): None}).items():
            kept = text and self.kept.setdefault(text, text)
            self.texts |= {(*place.written, *steps): kept, (*place.stands, *steps): kept}

    def _written(self, name: str, scope: _Scope, stands: Steps, chain: tuple[_Running, ...]) -> JsonValue:
        """Return a definition that a machine has under `subflows`, linked as it is there, wherever it is to stand."""
        raw = scope.own[name]
        place = _Place((*scope.place.written, "subflows", name), stands)
        return self.linked(raw, scope.home, place, (*chain, _Running(name, id(raw))), scope)

    def _fetched(
        self, name: str, scope: _Scope, chain: tuple[_Running, ...], named_at: _Place
    ) -> tuple[Document, _Home | None] | None:
        """Read the definition of this name, which no machine has under `subflows`, and say where its files are."""
        if name in self.named:
            child = self.read(self.named[name])
            if child.path is None:
                child = replace(child, name=name)
            return child, self.home_of(child)
        if name and scope.home is not None and (found := self._from_file(name, scope.home)) is not None:
            return found
        running = {each.identity for each in chain}
        own = (item for outer in scope.outwards() for item in outer.own.items())
        known = {*self.named, *(each for each, raw in own if id(raw) not in running)}
        advice = _UNKNOWN + suggest(name, known, noun="sub-machines")
        path = at(*named_at.written)
        self.problems.append(Problem(path, "unknown-subflow", f"no definition is named {name!r}.", advice))
        return None

    def _from_file(self, name: str, home: _Home) -> tuple[Document, _Home] | None:
        """Read a file that a definition names, if there is one or the name is that of a file."""
        try:
            path = file_below(home.root, home.folder, name)
        except UnreadableError as error:
            return Document(name, problems=(error.problem,), is_readable=False), home
        if Path(name).suffix not in SUFFIXES and not is_file(path):
            return None
        return as_named(self.read(path), str(home.folder / name)), _Home(path.parent, home.root)

    def _has_room(self, data: Data, place: _Place) -> bool:
        """Say whether the whole is still of a sane size with this definition, or note that it is not."""
        if self.values > MAX_VALUES:
            return False
        if id(data) not in self.sizes:
            self.sizes[id(data)] = sum(count_values(part) for name, part in data.items() if name != "subflows")
        self.values += self.sizes[id(data)]
        if self.values > MAX_VALUES:
            message = f"with this the definition comes to more than {MAX_VALUES:,} values."
            advice = "Let states share what they run."
            self.problems.append(Problem(at(*place.written), "too-many-subflows", message, advice))
        return self.values <= MAX_VALUES

    def _may_run(self, child: _Running, chain: tuple[_Running, ...], named_at: _Place) -> bool:
        """Say whether a definition can run here, or note why it cannot."""
        path = at(*named_at.written)
        known = [running.identity for running in chain]
        if child.identity in known:
            circle = " → ".join(each.name for each in [*chain[known.index(child.identity) :], child])
            message = f"the definition would run itself: {circle}."
            self.problems.append(Problem(path, "subflow-cycle", message, "A sub-machine has to come to an end."))
            return False
        self.count += 1
        if self.count == MOST_MACHINES:
            message = f"with this the definition comes to more than {MOST_MACHINES} machines."
            self.problems.append(Problem(path, "too-many-subflows", message, "Let states share what they run."))
        return self.count < MOST_MACHINES


def _identity(document: Document) -> str | Path:
    """Tell a file from another, however its path is written."""
    return document.name if document.path is None else document.path.resolve()


_UNKNOWN = "Write it under 'subflows', name its file, or give it to the loader as subflows={name: …}.  "
