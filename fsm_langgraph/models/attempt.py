"""One request to one model, and its stream: where a reply is decided on, while it is still being written.

A gate goes through the attempts of a call until one is answered (`succession.py`). `Attempt.judge` is a coroutine, as
the decision may ask for handlers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGenerationChunk
from langgraph.errors import GraphBubbleUp

from fsm_langgraph.data.reply_members import REASONING
from fsm_langgraph.data.surrogates import ends_open, mended
from fsm_langgraph.errors import FSMError, ModelRefusal, Refused, TurnError, refused_by
from fsm_langgraph.models.failures import NO_END, BrokenStream, bad_reply, end_told_by, is_free, refuses_answer
from fsm_langgraph.models.request import Decide, Fate, ModelAnswer, ModelRequest
from fsm_langgraph.models.stop_reasons import Ending, length_limit
from fsm_langgraph.models.structured import Request, chunk_text
from fsm_langgraph.models.token_count import TokenCount, UntoldTokens, counted
from fsm_langgraph.models.tool_calls import ToolCallReader
from fsm_langgraph.prompts.own_sentences import REPEATED, own_sentences
from fsm_langgraph.replies.echo import Echo
from fsm_langgraph.replies.hidden_text import HiddenText
from fsm_langgraph.replies.parser import MAX_LENGTH, TOO_LONG
from fsm_langgraph.replies.reply import BadReply
from fsm_langgraph.replies.reply_reader import ReplyReader
from fsm_langgraph.templates.copied_tags import CopiedTags


@dataclass(slots=True)
class Attempt:
    """One request to one model: what was sent, and how far its stream has come."""

    asked: ModelRequest
    model: BaseChatModel
    request: Request
    decide: Decide[Any] | None
    """Decides on a structured reply; `None` for a plain message."""
    parser: ReplyReader | None
    """Reads a structured reply; `None` for a plain message."""
    hidden: HiddenText
    """Takes out of the message what is not meant for the user."""
    calls: ToolCallReader | None = None
    """Reads the calls of tools; `None` where there are no tools to call."""
    usage: UsageMetadata | None = None
    """The tokens used so far, those of the attempts before this one with them."""
    were_counted: bool = True
    """Whether each attempt before this one told its tokens."""
    has_told: bool = False
    """Whether this one has told any."""
    has_told_all: bool = False
    """Whether it told them with its last chunk."""
    is_read: bool = False
    """Whether its stream was read to the end."""
    model_name: str = ""
    """The model that answered, by the provider's name for it; counters of tokens ask for it."""
    text: str = ""
    """The text that was shown."""
    held: str = ""
    """A message that was kept back."""
    error: str = ""
    """Why the reply was refused, where it was."""
    veto: str = ""
    """Why what a reply proposes is not done, where it is not; all else of the reply holds."""
    pieces: list[str] | None = None
    """The text as it came, for traces; `None` where it is not kept."""
    cut: str = ""
    """Why the message broke off, where it did after its decision stood."""
    decided: Any = None
    """The outcome of `decide`, for whoever asked."""
    is_over: bool = False
    """Whether the rest of the stream is of no interest."""
    fault: Exception | None = None
    """An error of the decision itself, which is none of the provider's."""
    failure: Exception | None = None
    """The provider's error; where text was shown before it, the message broke off."""
    fate: Fate | None = None
    """The fate of the message; `None` before that is decided."""
    tags: CopiedTags | None = None
    """Fills the tags that the model copies; `None` before it is known what with."""
    echo: Echo = field(init=False)
    """Finds sentences of our own prompt where the message should be."""
    is_undecided: bool = False
    """Whether the reply is complete but for its message, and `judge` is to be called."""
    may_be_call: bool = False
    """Whether the reply may yet come as the arguments of a function."""
    has_ended: bool = False
    """Whether the stream has come to its end."""
    waiting: str = ""
    """The piece of the message that came with the end of the reply's head, or a plain one that tools may follow."""
    length: int = 0
    ending: Ending = field(default_factory=Ending)
    """How the stream came to its end."""
    prose: str = ""
    """The text before a structured reply."""
    is_no_json: bool = False
    """Whether the whole of a structured reply was no JSON."""
    refusal: ModelRefusal | None = None
    """The refusal to answer, where nothing had been shown before it."""
    next_model: int | None = None
    """The position of the model that is asked where this one gives no usable reply; `None` where there is none."""
    tells_end: bool = False
    """Whether the model's streams tell why they end, so that one that does not has died."""
    half: str = ""
    """The first half of a character, held back until the second comes."""
    blank: ChatGenerationChunk | None = None
    """A piece without text, of which the pieces are copies: to copy one costs half of what it costs to make one."""

    def __post_init__(self) -> None:
        """Look for the sentences of the prompt that was sent."""
        self.echo = Echo(own_sentences(self.request.messages))

    @property
    def calls_tools(self) -> bool:
        """Whether the model calls tools instead of replying."""
        return self.calls is not None and self.calls.has_calls and self.fate is None

    def take(self, chunk: ChatGenerationChunk) -> ChatGenerationChunk | None:
        """Read one chunk of the provider's; return what may be shown of it."""
        message = chunk.message
        if isinstance(message, AIMessage) and message.usage_metadata is not None:
            self.usage, self.has_told = add_usage(self.usage, message.usage_metadata), True
            self.has_told_all = isinstance(message, AIMessageChunk) and message.chunk_position == "last"
        info, metadata = chunk.generation_info, message.response_metadata
        # Each piece of langchain-openai's names the provider, and most tell nothing else.
        if info or len(metadata) > 1 or (metadata and "model_provider" not in metadata):
            told = {**(info or {}), **metadata}
            self.model_name = told.get("model_name") or self.model_name
            self.ending.read(told)
        if message.additional_kwargs or not isinstance(message.content, str):
            self.ending.read_refusal(message)
        if self.calls is not None:
            chunk = self.calls.take(chunk)
            if self.calls_tools:
                self._bound_calls(self.calls)
                return None
        text = chunk_text(chunk, self.request.method)
        self.length += len(text)
        if self.pieces is not None:
            self.pieces.append(text)
        if self.parser is not None:
            if self.may_be_call:
                self._look_for_arguments(chunk.message, self.parser)
            passed = self.parser.feed(text)
            if self.parser.head is None and not self.parser.has_begun and len(self.prose) < _MAX_WORDS:
                self.prose += text
            return self._passed(self.parser, passed)
        if self.length > MAX_LENGTH:
            self.is_over, self.cut = True, TOO_LONG
        if self.calls is None:
            return self._visible(self.hidden.feed(self._mended(text)))
        # Where tools may be called, a text may turn out to be a preface to calls.
        self.waiting += self._mended(text)
        return None

    def finish(self) -> ChatGenerationChunk | None:
        """Say that the stream has ended; return what may still be shown."""
        # A whole message that was kept back, or is not wanted, was written before the provider had its doubts.
        is_whole = self.fate is not None and (self.fate == "refuse" or self.parser is None or self.parser.is_complete)
        if (refused := self.ending.refused) is not None and not self.text and not is_whole:
            self._refuse(refused, self.ending.words or self._own_words() or self.ending.reason)
            return None
        if self.calls is not None and self.calls_tools:
            if self.ending.stop == "length" and self.calls.read()[1]:
                self.error = self._broken_off()
            return None
        if self.parser is None:
            if not self.is_over and (self.ending.is_broken or (self.tells_end and not self.ending.is_told)):
                self.failure = BrokenStream(NO_END)
                return None
            visible = self._visible(self._last_meant(self.waiting + mended(self.half)), is_whole=True)
            if not self.text.strip():
                self.error = self.error or self._broken_off() or "it is empty"
            else:
                self.cut = self.cut or self._broken_off()
            return visible
        if self.parser.head is None and self.ending.stop == "length":
            # What stands there may be a draft in thoughts that would have gone on.
            self.error = self._broken_off()
            return None
        self.has_ended, was_readable = True, self.parser.error is None
        visible = self._passed(self.parser, self.parser.finish())
        # A refused message breaks off because its stream was closed, which is no fault of the reply's.
        if self.parser.error is not None and self.fate is None and not self.is_undecided:
            self.error = self._broken_off() or self.parser.error
            self.is_no_json = not self.parser.has_begun
        elif self.parser.error is not None and self.fate != "refuse":
            self.cut = self._broken_off() or self.parser.error
            if was_readable and self._has_died:
                self.failure = BrokenStream(NO_END)
        return visible

    def fail(self, error: Exception) -> None:
        """Take the provider's error: a failure, unless the reply is decided on and nothing that was shown is lost."""
        if isinstance(error, TurnError) and self.text and not error.shown:  # the turn ends in the midst of a message
            error.shown, error.shown_ids = (self.text,), (self.asked.message_id,)
        if error is self.fault or isinstance(error, FSMError | GraphBubbleUp):
            raise error
        self.ending.read(end_told_by(error))
        told = refuses_answer(error)
        if told is None and self._has_died:
            self.failure = error
        elif self.fate is not None or self.text:
            failed = f"{refused_by(told[0])}: {told[1]}" if told is not None else f"the provider failed: {error}"
            self.cut = self._broken_off() or failed
        elif told is not None and told[0] == "refusal":
            self._refuse(*told, error)
        elif (refused := self.ending.refused) is not None:
            self._refuse(refused, self.ending.words or self.ending.reason, error)
        elif (reason := bad_reply(error)) is not None:
            self.error, self.is_no_json = reason, self.parser is not None
        elif reason := self._broken_off():
            self.error = reason
        else:
            self.failure = error

    async def judge(self) -> ChatGenerationChunk | None:
        """Have the reply decided on, now that all but its message is there; return what may be shown of the message."""
        self.is_undecided = False
        if self.decide is None or self.parser is None or self.parser.head is None:
            return None
        try:
            decision, self.decided = await self.decide(self.parser.head)
        except BadReply as error:
            self.error = str(error)
        except Exception as error:
            self.fault = error
            raise
        else:
            self.fate, self.tags = decision.fate, CopiedTags(self.asked.tag_roots, decision.known)
            self.veto = decision.veto
        waiting, self.waiting = self.waiting, ""
        return self._passed(self.parser, waiting)

    def answer(self, message: AIMessage, untold: UntoldTokens | None = None) -> ModelAnswer[Any]:
        """Say how the call came out.

        Args:
            message: The message of its run.
            untold: The tokens that the run could not tell.
        """
        late = dict(self.parser.late) if self.parser is not None else {}
        reasoning = late.pop(REASONING, "")
        calls = self.calls.read() if self.calls is not None and self.calls_tools and not self.error else None
        return ModelAnswer(
            message,
            self.decided,
            held=self._no_echo(self.held, is_whole=True) if self.held else "",
            error=self.error,
            cut=self.cut,
            unfilled=self._unshown() if not self.error else "",
            late=tuple(late),
            tool_calls=calls[0] if calls is not None else None,
            unreadable=calls[1] if calls is not None else frozenset(),
            is_cut_off=bool(self.error) and self.ending.stop == "length",
            next_model=self.next_model,
            late_tools=tuple(self.calls.names) if self.calls is not None and not self.calls_tools else (),
            reasoning=reasoning if isinstance(reasoning, str) else "",
            thoughts=self._thoughts,
            tokens=self.tokens,
            untold=untold,
        )

    @property
    def tokens(self) -> TokenCount:
        """The tokens that the call has used, as far as they were told."""
        return counted(self.usage, is_all=self.is_counted)

    @property
    def is_counted(self) -> bool:
        """Whether this attempt and each before it told all their tokens."""
        told = self.has_told_all or (self.has_told and self.is_read)
        return self.were_counted and (told or (self.failure is not None and not self.length and is_free(self.failure)))

    @property
    def metadata(self) -> dict[str, Any]:
        """The facts that go with the message: the model, and the provider's word for its end where it is not whole."""
        told = {"model_name": self.model_name, "finish_reason": self.ending.reason if self.cut else ""}
        return {name: value for name, value in told.items() if value}

    @property
    def _has_died(self) -> bool:
        """Whether the stream has ended in the middle of a message of which the user has read a part."""
        is_whole = self.parser is not None and self.parser.has_whole_message
        return bool(self.text) and not is_whole and not self.ending.is_told

    def _refuse(self, reason: Refused, words: str, cause: Exception | None = None) -> None:
        self.refusal = ModelRefusal(self.asked.state, reason, words)
        self.refusal.__cause__ = cause

    def _broken_off(self) -> str:
        """Say why the provider broke the text off; nothing where it did not."""
        if (refused := self.ending.refused) is not None:
            return ": ".join(filter(None, (refused_by(refused), self.ending.words or self.ending.reason)))
        return length_limit(self.model, self.request.kwargs) if self.ending.stop == "length" else ""

    def _passed(self, parser: ReplyReader, text: str) -> ChatGenerationChunk | None:
        """Do with a piece of the message what was decided; without a decision, note whether it is time for one."""
        if self.fate == "show" and not self.has_ended:
            self.is_over = parser.error is not None
            return self._visible(self.hidden.feed(text))
        if self.fate is None and not self.error:
            self.is_undecided = parser.head is not None
            self.waiting += text
        # A tool may still be called after text that is no reply.
        may_call = self.calls is not None and self.fate is None and self.length <= MAX_LENGTH
        is_spoilt = parser.error is not None and not may_call
        self.is_over = is_spoilt or bool(self.error) or self.fate == "refuse"
        if self.fate is None or self.fate == "refuse":
            return None
        text = self._last_meant(text) if self.has_ended else self.hidden.feed(text)
        if self.fate == "show":
            return self._visible(text, is_whole=self.has_ended)
        self.held += text
        return None

    def _look_for_arguments(self, message: BaseMessage, parser: ReplyReader) -> None:
        """Leave the text before a function call behind: the call is the reply."""
        if not isinstance(message, AIMessageChunk) or not message.tool_call_chunks:
            return
        self.may_be_call = False
        if not parser.has_begun:
            self.parser = parser.anew()

    def _last_meant(self, text: str) -> str:
        """Return what of the last piece of the message, and of what was held before it, is meant for the user."""
        is_cut = self.ending.stop == "length" or bool(self.cut)
        return self.hidden.feed(text) + (self.hidden.break_off() if is_cut else self.hidden.finish())

    def _own_words(self) -> str:
        """Return the refusal as the text itself has it, without what is not meant for the user."""
        if self.fate is not None:
            return ""
        words = self.hidden.feed(self.prose or self.waiting) + self.hidden.break_off()
        return words.strip()[:_MAX_WORDS]

    @property
    def _thoughts(self) -> str:
        around = self.parser.thoughts.text if self.parser is not None else ""
        return "\n".join(filter(None, (around, self.hidden.thoughts.text)))

    def _bound_calls(self, calls: ToolCallReader) -> None:
        if calls.length > MAX_LENGTH:
            self.is_over, self.error = True, TOO_LONG

    def _mended(self, text: str) -> str:
        if not self.half and text.isascii():
            return text
        text = self.half + text
        self.half = text[-1] if ends_open(text) else ""
        return mended(text.removesuffix(self.half))

    def _visible(self, text: str, *, is_whole: bool = False) -> ChatGenerationChunk | None:
        text = self._filled(text, is_whole=is_whole)
        if not self.text:
            text = self._no_echo(text, is_whole=is_whole)
        # Blanks before the first word show nothing, and would count as shown when the provider fails.
        text = text if self.text else text.lstrip()
        if not text:
            return None
        self.text += text
        if self.blank is None:
            self.blank = shown("", self.asked)
        message = self.blank.message.model_copy(update={"content": text})
        return self.blank.model_copy(update={"message": message, "text": text})

    def _filled(self, text: str, *, is_whole: bool) -> str:
        """Fill the tags that the model has copied; with one that nothing fills, a message not shown yet is refused."""
        if self.tags is None:
            self.tags = CopiedTags(self.asked.tag_roots, self.asked.known)
        text = self.tags.feed(text)
        if is_whole:
            text += self.tags.finish()
        return text if not self.tags.fault or self.text else self._not_shown(self.tags.fault)

    def _no_echo(self, text: str, *, is_whole: bool) -> str:
        """Hold what may yet become a sentence of our own prompt; a message that is one is refused."""
        text = self.echo.feed(text, is_whole=is_whole)
        return self._not_shown(REPEATED) if self.echo.is_found else text

    def _not_shown(self, fault: str) -> str:
        """Refuse the message, of which nothing was shown yet: a plain one is a bad reply, a reply's is written anew."""
        self.is_over = True
        if self.parser is None:
            self.error = fault
        else:
            self.fate = "refuse"
        return ""

    def _unshown(self) -> str:
        """Say why the message was not shown, or has a gap."""
        if self.echo.is_found:
            return REPEATED
        return self.tags.fault if self.tags is not None else ""


_MAX_WORDS = 1000
"""How much of a refusal is told, where a provider has it as the text of its answer."""


def shown(text: str, asked: ModelRequest) -> ChatGenerationChunk:
    """Make the chunk that shows a piece of the message."""
    return ChatGenerationChunk(message=AIMessageChunk(content=text, id=asked.message_id, name=asked.speaker))
