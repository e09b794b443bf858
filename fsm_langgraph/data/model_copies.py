"""Copies of pydantic models with other values, for those who make many: LangChain's messages are such models.

`model_copy` looks at each value first and goes through `copy.copy` for each part of a model, which takes twice as long.
So the four attributes that pydantic documents as the whole of a model are set here, and nowhere else. Nothing is
validated, as in pydantic's own copies, and a field that had not been set does not count as set.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

ModelT = TypeVar("ModelT", bound=BaseModel)


def copied_with(model: ModelT, **values: Any) -> ModelT:
    """Return a shallow copy of a model in which these fields have other values."""
    kind, extra, private = type(model), model.__pydantic_extra__, model.__pydantic_private__
    copied = kind.__new__(kind)
    _set(copied, "__dict__", model.__dict__ | values)
    _set(copied, "__pydantic_fields_set__", model.__pydantic_fields_set__.copy())
    _set(copied, "__pydantic_extra__", {**extra} if extra is not None else None)
    _set(copied, "__pydantic_private__", {**private} if private is not None else None)
    return copied


_set = object.__setattr__
"""A model's own way looks for a field of that name first."""
