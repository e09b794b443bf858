"""A contract for import-linter, which sees of other packages only that they are imported.

`lint-imports` finds it here when it runs from the project's root; `pyproject.toml` says for which packages it holds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class PrivateNames(Contract):
    """Private names of other packages are imported in one module alone.

    A name is private if a part of it begins with an underscore: `langgraph._internal`, `langgraph.pregel._write`. What
    is imported for type checkers counts too: a release that moves the name breaks them all the same.

    Options:
        packages: The other packages.
        allowed_importer: The module that may import their private names.
    """

    type_name = "private_names"

    packages = fields.ListField(subfield=fields.StringField())
    allowed_importer = fields.StringField()

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002 - import-linter's signature
        packages, allowed = frozenset(self.contract_options["packages"]), self.contract_options["allowed_importer"]
        found = [
            (module, line, name)
            for module in sorted(graph.modules - {allowed})
            for line, name in private_imports(_source(module), packages)
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module, line, name in check.metadata["found"]:
            output.print_error(f"{module} imports {name} (l.{line})", bold=False)


def private_imports(source: str, packages: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of each private name of these packages that a module imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in _imported(node):
                package, *inside = name.split(".")
                if package in packages and any(map(_is_private, inside)):
                    yield node.lineno, name


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif not node.level:  # with a level it is a module of our own
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_private(part: str) -> bool:
    return part.startswith("_") and not part.endswith("__")


def _source(module: str) -> str:
    spec = find_spec(module)
    return Path(spec.origin).read_text(encoding="utf-8") if spec is not None and spec.origin else ""
