"""Section, the model that every part of a definition extends, and the kinds of values that JSON is strict about."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    Strict,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("float_type", "must be a number")
    return value


def _whole(value: Any) -> Any:
    """Take `10.0` for 10: JSON knows one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Flag = Annotated[bool, Strict()]
Number = Annotated[int | float, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
WholeNumber = Annotated[int, Strict(), BeforeValidator(_whole)]
Count = Annotated[int, Strict(), Field(ge=1), BeforeValidator(_whole)]


class Section(BaseModel):
    """A part of a definition: it cannot be changed, and has no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metadata: dict[str, JsonValue] = Field(default={}, repr=False)
    """Free-form data for tools and people; the machine does not read it."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        """Leave out optional fields that are written as `null`, as LLM-FSM's own files have them."""
        if not isinstance(data, dict):
            return data
        optional = {field.alias or name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in data.items() if value is not None or name not in optional}
