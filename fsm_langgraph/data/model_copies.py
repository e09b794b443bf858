"""Copies of pydantic models with other values, for those who make many: LangChain's messages are such models.

`model_copy` looks at each value first, and setting an attribute of a copy takes pydantic as long as a quarter of the
copying. Nothing is validated here either, and a field that had not been set does not count as set.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)


def copied_with(model: ModelT, **values: Any) -> ModelT:
    """Return a shallow copy of a model in which these fields have other values."""
    copied = model.__copy__()
    copied.__dict__.update(values)
    return copied
