"""The errors of a call that no turn can be held for: of its arguments, of its conversation, of what is stored of that.

No turn has begun, or what it found is not stored; the conversation is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fsm_langgraph.errors.fsm_error import FSMError


class ArgumentError(FSMError, TypeError):
    """A message, an id or the like is of a kind, or has a name, that cannot be used; nothing was done."""

    def __init__(self, name: str, value: object, advice: str, *, found: str | None = None) -> None:
        self.name = name
        self.value = value
        super().__init__(f"{name}: {found or f'it is of type {type(value).__name__}, not a text.'}\n  {advice}")


class ContextError(FSMError, ValueError):
    """A value that the caller put into the context was refused; nothing was stored.

    It is a `ValueError` too: of other errors, a LangGraph server tells its clients the name only.
    """

    def __init__(self, key: str, reason: str) -> None:
        self.key = key
        self.reason = reason
        place = f"context[{key!r}]: its" if key else "context: its"
        super().__init__(f"{place} value {reason}. Nothing was stored; correct it and call again.")


class SizeError(FSMError, ValueError):
    """A message that was handed over is larger than its limit; nothing was stored.

    It is a `ValueError` too: of other errors, a LangGraph server tells its clients the name only.

    Args:
        what: The name of what is too large.
        size: Its size, in bytes.
        limit: The limit.
        option: The option that sets it.
    """

    def __init__(self, what: str, size: int, limit: int, option: str) -> None:
        self.size = size
        self.limit = limit
        self.option = option
        super().__init__(
            f"{what}: {size:,} bytes are more than the limit, which is {limit:,}.\n"
            f"  Nothing was stored; send it shorter. To take longer ones, give limits={{{option!r}: …}}."
        )


class ConversationError(FSMError):
    """A conversation cannot be used as it was meant to."""

    def __init__(self, conversation_id: str, reason: str) -> None:
        self.conversation_id = conversation_id
        super().__init__(f"conversation {conversation_id!r}: {reason}")


class MissingMessagesError(ConversationError):
    """Older messages of a conversation are not to be had; `__cause__` is the store's own error, if it failed."""

    def __init__(self, conversation_id: str, missing: int, cause: Exception | None = None) -> None:
        self.missing = missing
        failed = f"it failed with {type(cause).__name__}: {cause}" if cause is not None else "it does not have them"
        super().__init__(
            conversation_id,
            f"its first {missing} messages are in the store that it was held with, and cannot be read: {failed}.\n"
            "  Give the graph that store; the messages after these are in its state: get_state(config).",
        )


class StaleDefinition(ConversationError):  # noqa: N818 - it is no fault of the conversation
    """A conversation does not fit its definition any more, which has changed; nothing was stored, and it can be read.

    `differences` says all that does not fit, each as a sentence with what to do about it.
    """

    def __init__(self, conversation_id: str, differences: Sequence[str], *, held_with: str, definition: str) -> None:
        self.differences = tuple(differences)
        self.held_with = held_with
        self.definition = definition
        listed = "".join(f"\n  {each}" for each in self.differences)
        super().__init__(
            conversation_id,
            f"it was held with {held_with}, and does not fit {definition}. Nothing was stored.{listed}\n"
            "  Go on with the definition that it was held with; or say in this one, under 'migrate', how it is brought "
            "over.",
        )


class CallerError(FSMError):
    """A machine's tool was called by an agent that lacks something that it needs; nothing was stored."""

    def __init__(self, tool: str, reason: str, advice: str) -> None:
        self.tool = tool
        self.reason = reason
        super().__init__(f"the tool {tool!r}: {reason}\n  {advice}")


class StoredFormError(FSMError):
    """Something that is stored was written by a later release of this package; nothing was changed."""

    def __init__(self, form: str, version: int, known: int) -> None:
        self.form = form
        self.version = version
        self.known = known
        super().__init__(
            f"the stored {form} is of version {version}, and this release reads versions up to {known}.\n"
            "  Go on with the release that wrote it, or a later one: pip install --upgrade fsm-langgraph."
        )


class TurnConflict(FSMError):  # noqa: N818 - a conflict is no fault of either turn
    """Two turns of one conversation would be stored over each other; neither was."""

    def __init__(self, reason: str, advice: str) -> None:
        self.reason = reason
        self.advice = advice
        super().__init__(f"{reason}\n  {advice}")


class StorageError(FSMError):
    """The database that keeps the conversations failed, or cannot be reached; `__cause__` is its driver's own error."""

    def __init__(
        self, found: str, advice: str = "When it is to be had again, send the same message once more."
    ) -> None:
        self.found = found
        super().__init__(f"the database of the conversations failed: {found.rstrip()}\n  {advice}")


class StoredDataError(StorageError):
    """A row that is stored of a conversation cannot be read as data; nothing of it was run, and nothing was changed."""

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(found, advice)
        self.advice = advice
        self.conversation_id: str | None = None
        """The conversation, where it is known."""

    def __str__(self) -> str:
        known = self.conversation_id
        which = f"conversation {known!r}" if known is not None else "a stored conversation"
        return f"{which}: {self.found}\n  {self.advice}"


class StoredTypeError(StoredDataError):
    """A stored row names types that are not on the list of those that are built."""

    def __init__(self, types: Iterable[str]) -> None:
        self.types = tuple(dict.fromkeys(types))
        super().__init__(
            f"it names {', '.join(map(repr, self.types))}, which is not on the list of what is built.",
            "Where that is a type of yours, name it: allow_types=[…]. Otherwise somebody else has written it; "
            "nothing of it was run.",
        )


class EncryptionError(StoredDataError):
    """A stored row is encrypted, and cannot be decrypted with the key that was given."""
