"""Copies of models with other values."""

from langchain_core.messages import AIMessageChunk
from pydantic import BaseModel, ConfigDict, PrivateAttr

from fsm_langgraph.data.model_copies import copied_with


class Kept(BaseModel):
    """A model that has all that a model can have: fields, further values and private ones."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    _seen: int = PrivateAttr(default=0)

    def see(self) -> int:
        """Count up, and say how far."""
        self._seen += 1
        return self._seen


def test_copy_equals_pydantics_own() -> None:
    """A copy is the one that pydantic makes, be it that the fields with other values do not count as set."""
    message = AIMessageChunk(content="Good", id="1", name="host", additional_kwargs={"a": 1})

    copied = copied_with(message, content="Good morning")

    assert copied == message.model_copy(update={"content": "Good morning"})
    assert copied.model_fields_set == message.model_fields_set
    assert message.content == "Good"


def test_copy_is_apart() -> None:
    """What is written in a copy, be it a field, a further value or a private one, is not in the model."""
    model = Kept.model_validate({"further": 1})
    model.see()

    copied = copied_with(model)
    copied.name = "Ann"
    assert copied.model_extra is not None
    copied.model_extra["more"] = 2

    assert (copied.see(), model.see()) == (2, 2)
    assert model.model_dump() == {"name": "", "further": 1}
    assert model.model_fields_set == {"further"}
