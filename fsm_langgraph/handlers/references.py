"""Handlers and tools by reference: the text says where they are, and they are imported only on the caller's request.

    "shop.flows:handlers"   an object in a module, wherever Python finds that
    "shop.flows"            the module's `handlers`
    "flows.py", a `Path`    the `handlers` of a file
    "flows.py:make"         another object in it
    "beside"                the file `handlers.py` in the folder of the definition, which is a file then

Tools are looked for under the name `tools`. The object may also be a function without arguments that makes it. Where
handlers are taken from a module or a file as such, its `tools` come with them, unless the caller gave others.

A file's folder becomes a package with a private name. So `sys.path` stays as it is, files of different folders never
clash, each is run once in a process like any module, and its neighbours are imported with a dot:
`from . import prices`.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import ModuleSpec
from importlib.util import module_from_spec
from operator import attrgetter
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from fsm_langgraph.errors import ReferenceSetupError, suggest
from fsm_langgraph.handlers.handler import Handlers
from fsm_langgraph.loading.document import path_of

if TYPE_CHECKING:
    from langgraph.store.base import BaseStore

Reference = str | Path
Option = Literal["handlers", "tools", "store"]

BESIDE = "beside"
FILE_BESIDE = "handlers.py"
"""The file in the definition's folder that `beside` means."""


def load_code(definition: object, options: Mapping[str, Any]) -> dict[str, Any]:
    """Load those options of a graph that were given by reference; return them with the rest.

    Args:
        definition: The definition as the caller gave it; `beside` means the folder of its file.
        options: The options, of which `handlers` and `tools` may be references.

    Raises:
        ReferenceSetupError: Something could not be loaded.
    """
    path, loaded = path_of(definition), dict(options)
    folder = path.parent if path is not None else None
    handlers, tools = options.get("handlers"), options.get("tools")
    if isinstance(handlers, str | Path):
        location = _locate("handlers", handlers, folder)
        module = _import(location)
        loaded["handlers"] = _take(location, module)
        if tools is None and not location.name and _has_tools(module):
            loaded["tools"] = _take(_Location("tools", handlers, location.module, location.where), module)
    if isinstance(tools, str | Path):
        location = _locate("tools", tools, folder)
        loaded["tools"] = _take(location, _import(location))
    return loaded


def load_store(reference: Reference) -> BaseStore:
    """Make the store that a reference means; each call of it makes one, where it means a function.

    Raises:
        ReferenceSetupError: It could not be loaded.
    """
    location = _locate("store", reference, None)
    store: BaseStore = _take(location, _import(location))
    return store


def is_beside(reference: str) -> bool:
    """Say whether a reference means what lies beside a definition."""
    return _split(reference)[0] == BESIDE


def has_beside(definition: Path) -> bool:
    """Say whether handlers lie beside a definition's file."""
    return (definition.parent / FILE_BESIDE).is_file()


def file_of(reference: str) -> tuple[Path, str] | None:
    """Return the file that a reference names, and the object in it; `None` for a module and for `beside`."""
    where, name = _split(reference)
    return (Path(where), name) if _is_path(where) else None


@dataclass(frozen=True, slots=True)
class _Location:
    """The location of an option's object."""

    option: Option
    given: Reference
    """The reference, as it was given."""
    module: str
    """The name under which the module is imported."""
    where: str
    """The module in messages to people: its name, or the file."""
    name: str = ""
    """The object's name; empty where the reference names none."""

    def error(self, found: str, advice: str) -> ReferenceSetupError:
        return ReferenceSetupError(self.option, self.given, found, advice)


def _locate(option: Option, given: Reference, folder: Path | None) -> _Location:
    """Read a reference."""
    where, name = (str(given), "") if isinstance(given, Path) else _split(given)
    if where == BESIDE and not isinstance(given, Path):
        if folder is None:
            found = "the definition was not given as a file, so nothing lies beside it."
            raise ReferenceSetupError(option, given, found, _FORMS)
        file = folder / FILE_BESIDE
    elif isinstance(given, Path) or _is_path(where):
        file = Path(where)
    elif _is_dotted(where):
        return _Location(option, given, where, where, name)
    else:
        raise ReferenceSetupError(option, given, "that is no reference.", _FORMS)
    file = file.parent.resolve() / file.name
    if not file.is_file():
        raise ReferenceSetupError(option, given, f"there is no file {file}.", _FORMS)
    if file.suffix != ".py" or "." in file.stem:
        raise ReferenceSetupError(option, given, f"{file} is not named like a Python file.", "Rename it: handlers.py.")
    return _Location(option, given, f"{_package(file.parent)}.{file.stem}", str(file), name)


def _split(given: str) -> tuple[str, str]:
    """Take a reference apart; a colon without a name behind it, as in `C:/flows.py`, belongs to the path."""
    where, _, name = given.rpartition(":")
    return (where, name) if where and _is_dotted(name) else (given, "")


def _is_path(where: str) -> bool:
    return where.endswith(".py") or "/" in where or "\\" in where


def _is_dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _package(folder: Path) -> str:
    """Make a package of a folder, if there is none yet; return its name, which is the same in every process."""
    name = f"_fsm_langgraph_{sha256(str(folder).encode(errors='surrogateescape')).hexdigest()[:16]}"
    if name not in sys.modules:
        spec = ModuleSpec(name, None, is_package=True)
        spec.submodule_search_locations = [str(folder)]
        # Another thread may have been quicker; then its package stands.
        sys.modules.setdefault(name, module_from_spec(spec))
    return name


def _import(location: _Location) -> ModuleType:
    """Import a module, once; any error in it is told as a `ReferenceSetupError`."""
    if location.module not in sys.modules:
        importlib.invalidate_caches()  # the file may have been written a moment ago
    try:
        return importlib.import_module(location.module)
    except (Exception, SystemExit) as error:  # the edge to the user's code
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if missing is not None and f"{location.module}.".startswith(f"{missing}."):
            raise location.error(f"there is no module {missing!r}.", f"{_SEARCHED}\n  {_FORMS}") from error
        found = f"{location.where} could not be imported: {_told(error)}"
        raise location.error(found, _way_on(location, missing)) from error


def _way_on(location: _Location, missing: str | None) -> str:
    """Say what to do about a module that could not be imported, and perhaps another one that was missing for it."""
    if missing is not None and Path(location.where).with_name(f"{missing}.py").is_file():
        return f"What lies beside the file is imported with a dot: from . import {missing}."
    # With a dot in its name it is missing in a package that is there.
    if missing is not None and "." not in missing and missing not in sys.stdlib_module_names:
        return f"Install it, e.g. pip install {missing}, or correct its name there, and try again."
    return "Correct it there, and try again."


def _take(location: _Location, module: ModuleType) -> Any:
    """Return the object of a module that a reference means; where that is a function, what it makes."""
    name = location.name or location.option
    try:
        found = attrgetter(name)(module)
    except AttributeError as error:
        public = [known for known in vars(module) if not known.startswith("_")]
        raise location.error(f"{location.where} has no {name!r}.", suggest(name, public, noun="names")) from error
    kinds, wanted = _wanted(location.option)
    advice = f"Make it {wanted}, or a function without arguments that returns that."
    if isinstance(found, kinds):
        return found
    if not callable(found) or inspect.iscoroutinefunction(found):
        kind = "an async function" if callable(found) else f"a {type(found).__name__}"
        raise location.error(f"{name!r} in {location.where} is {kind}.", advice)
    try:
        made = found()
    except Exception as error:  # the same edge
        raise location.error(f"{name}() of {location.where} failed: {_told(error)}", advice) from error
    if not isinstance(made, kinds):
        raise location.error(f"{name}() of {location.where} returned a {type(made).__name__}.", advice)
    return made


def _has_tools(module: ModuleType) -> bool:
    """Say whether a module has tools; a submodule named `tools` that it imports does not count."""
    return not isinstance(getattr(module, "tools", module), ModuleType)


def _wanted(option: Option) -> tuple[tuple[type, ...], str]:
    if option == "handlers":
        return (Handlers,), "a Handlers"
    if option == "store":
        from langgraph.store.base import BaseStore

        return (BaseStore,), "a store of LangGraph's"
    from langgraph.prebuilt import ToolNode  # only those who have tools wait for it

    return (list, tuple, ToolNode), "a list of tools or a ToolNode"


def _told(error: BaseException) -> str:
    """Write an error as a sentence, with the line of the user's own code that it comes from."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}: {type(error).__name__}: {error.msg}."
    # As the traceback has them: `__file__` is another path where there are compiled files only.
    ours = (_told.__code__.co_filename, importlib.import_module.__code__.co_filename)
    frames = [f for f in extract_tb(error.__traceback__) if f.filename not in ours and not f.filename.startswith("<")]
    # What is raised deep in a library is told by the last line on the way that is the user's own.
    own = [frame for frame in frames if Path(frames[0].filename).parent in Path(frame.filename).parents]
    line = f"{own[-1].filename}, line {own[-1].lineno}: " if own else ""
    return f"{line}{type(error).__name__}: {error}"


_FORMS = f"Give 'package.module:name', a file such as 'flows.py' or 'flows.py:name', or {BESIDE!r} for the \
{FILE_BESIDE} in the folder of the definition."
_SEARCHED = "Modules are looked for where Python looks: on sys.path, to which the command line adds the current folder."
