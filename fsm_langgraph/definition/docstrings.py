"""The docstrings of a model's fields, read from its source when somebody asks.

Pydantic can read them as it makes the classes (`use_attribute_docstrings`). That takes half as long as importing the
whole package, and only an editor's schema and the error of a missing field need them. A package that was deployed as
compiled files has no source: there both do without.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise

from pydantic import BaseModel


@cache
def field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return the docstring under each field of a model, by the name that the field has in a file."""
    written: dict[str, str] = {}
    # From the root of the classes down, so that a field declared anew has its own text.
    for each in reversed(model.__mro__):
        if issubclass(each, BaseModel) and each is not BaseModel:
            written |= _under_attributes(each)
    return {field.alias or name: written[name] for name, field in model.model_fields.items() if name in written}


def _under_attributes(model: type) -> dict[str, str]:
    try:
        statements = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    except (OSError, TypeError, SyntaxError):  # SyntaxError: the file was replaced while this process ran
        return {}
    body = [inner for statement in statements if isinstance(statement, ast.ClassDef) for inner in statement.body]
    return {
        attribute.target.id: inspect.cleandoc(below.value.value)
        for attribute, below in pairwise(body)
        if isinstance(attribute, ast.AnnAssign)
        and isinstance(attribute.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
        and isinstance(below.value.value, str)
    }
