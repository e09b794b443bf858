"""One request to one model, and its stream: where a reply is decided on, while it is still being written.

A gate goes through the attempts of a call until one is answered (`succession.py`). `Attempt.judge` is a coroutine, as
the decision may ask for handlers. How an attempt ends is told in `attempt_end.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata, add_usage
from langchain_core.outputs import ChatGenerationChunk

from fsm_langgraph.data.surrogates import ends_open, mended
from fsm_langgraph.errors import ModelRefusal
from fsm_langgraph.models.failures import EndlessMessage, longer_than
from fsm_langgraph.models.request import Decide, Fate, ModelRequest
from fsm_langgraph.models.stop_reasons import Ending
from fsm_langgraph.models.structured import Request, chunk_text
from fsm_langgraph.models.tool_calls import ToolCallReader
from fsm_langgraph.prompts.own_sentences import REPEATED, own_sentences
from fsm_langgraph.replies.echo import Echo
from fsm_langgraph.replies.hidden.hidden_text import HiddenText
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
    gap: str = ""
    """Why the message was not shown, where it was too long."""
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

    def __post_init__(self) -> None:
        """Look for the sentences of the prompt that was sent."""
        self.echo = Echo(own_sentences(self.request.messages))

    @property
    def calls_tools(self) -> bool:
        """Whether the model calls tools instead of replying."""
        return self.calls is not None and self.calls.has_calls and self.fate is None

    @property
    def is_refused(self) -> bool:
        """Whether the reply is refused, or what it proposes."""
        return bool(self.error or self.veto)

    def take(self, chunk: ChatGenerationChunk) -> str:
        """Read one chunk of the provider's; return what may be shown of it."""
        message = chunk.message
        if isinstance(message, AIMessage) and message.usage_metadata is not None:
            self.usage, self.has_told = add_usage(self.usage, message.usage_metadata), True
            self.has_told_all = isinstance(message, AIMessageChunk) and message.chunk_position == "last"
        info, metadata = chunk.generation_info, message.response_metadata
        # Each piece of langchain-openai's names the provider, and most tell nothing else.
        if info or (metadata and (len(metadata) > 1 or "model_provider" not in metadata)):
            told = {**(info or {}), **metadata}
            self.model_name = told.get("model_name") or self.model_name
            self.ending.read(told)
        if message.additional_kwargs or not isinstance(message.content, str):
            self.ending.read_refusal(message)
        if self.calls is not None:
            chunk = self.calls.take(chunk)
            if self.calls_tools:
                if self.calls.length > MAX_LENGTH:
                    self.is_over, self.error = True, TOO_LONG
                return ""
        text = chunk_text(chunk.message, self.request.method)
        self.length += len(text)
        if self.pieces is not None:
            self.pieces.append(text)
        if self.parser is not None:
            if self.may_be_call:
                self._look_for_arguments(chunk.message, self.parser)
            parser = self.parser
            passed = parser.feed(text)
            if parser.head is None and not parser.has_begun and len(self.prose) < MAX_WORDS:
                self.prose += text
            return self.pass_on(parser, passed)
        if self.length > MAX_LENGTH:
            self.is_over, self.cut = True, TOO_LONG
        if self.calls is None:
            return self.to_show(self.hidden.feed(self._mended(text)))
        # Where tools may be called, a text may turn out to be a preface to calls.
        self.waiting += self._mended(text)
        return ""

    async def judge(self) -> str:
        """Have the reply decided on, now that all but its message is there; return what may be shown of the message."""
        self.is_undecided = False
        if self.decide is None or self.parser is None or self.parser.head is None:
            return ""
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
        return self.pass_on(self.parser, waiting)

    def pass_on(self, parser: ReplyReader, text: str) -> str:
        """Do with a piece of the message what was decided; without a decision, note whether it is time for one."""
        if self.fate == "show" and not self.has_ended:
            self.is_over = parser.error is not None
            return self.to_show(self.hidden.feed(text))
        if self.fate is None and not self.error:
            self.is_undecided = parser.head is not None
            self.waiting += text
        # A tool may still be called after text that is no reply.
        may_call = self.calls is not None and self.fate is None and self.length <= MAX_LENGTH
        is_spoilt = parser.error is not None and not may_call
        self.is_over = is_spoilt or bool(self.error) or self.fate == "refuse"
        if self.fate is None or self.fate == "refuse":
            return ""
        text = self.last_meant(text) if self.has_ended else self.hidden.feed(text)
        if self.fate == "show":
            return self.to_show(text, is_whole=self.has_ended)
        if len(self.held) + len(text) > self.asked.longest:
            self._end_too_long()
            return ""
        self.held += text
        return ""

    def to_show(self, text: str, *, is_whole: bool = False) -> str:
        """Return what may be shown of a text now."""
        text = self._filled(text, is_whole=is_whole)
        if self.error or self.fate == "refuse":
            return ""  # what was held for its first letters is refused with the rest
        if not self.text:
            # Blanks before the first word show nothing, and would count as shown when the provider fails.
            text = self.without_echo(text, is_whole=is_whole).lstrip()
        if not text:
            return ""
        if len(self.text) + len(text) > self.asked.longest:
            self._end_too_long()
            return ""
        self.text += text
        return text

    def last_meant(self, text: str) -> str:
        """Return what of the last piece of the message, and of what was held before it, is meant for the user."""
        is_cut = self.ending.stop == "length" or bool(self.cut)
        return self.hidden.feed(text) + (self.hidden.break_off() if is_cut else self.hidden.finish())

    def without_echo(self, text: str, *, is_whole: bool) -> str:
        """Hold what may yet become a sentence of our own prompt; a message that is one is refused."""
        text = self.echo.feed(text, is_whole=is_whole)
        return self._not_shown(REPEATED) if self.echo.is_found else text

    def _look_for_arguments(self, message: BaseMessage, parser: ReplyReader) -> None:
        """Leave the text before a function call behind: the call is the reply."""
        if not isinstance(message, AIMessageChunk) or not message.tool_call_chunks:
            return
        self.may_be_call = False
        if not parser.has_begun:
            self.parser = parser.anew()

    def _mended(self, text: str) -> str:
        if not self.half and text.isascii():
            return text
        text = self.half + text
        self.half = text[-1] if ends_open(text) else ""
        return mended(text.removesuffix(self.half))

    def _filled(self, text: str, *, is_whole: bool) -> str:
        """Fill the tags that the model has copied; with one that nothing fills, a message not shown yet is refused."""
        if self.tags is None:
            self.tags = CopiedTags(self.asked.tag_roots, self.asked.known)
        text = self.tags.feed(text)
        if is_whole:
            text += self.tags.finish()
        return text if not self.tags.fault or self.text else self._not_shown(self.tags.fault)

    def _end_too_long(self) -> None:
        """End a message that has become too long. Where some of it was shown the attempt has failed."""
        longest = self.asked.longest
        if self.text:
            self.is_over, self.failure = True, EndlessMessage(longest)
        else:
            self.held, self.gap = "", longer_than(longest)
            self._not_shown(self.gap)

    def _not_shown(self, fault: str) -> str:
        """Refuse the message, of which nothing was shown yet: a plain one is a bad reply, a reply's is written anew."""
        self.is_over = True
        if self.parser is None:
            self.error = fault
        else:
            self.fate = "refuse"
        return ""


MAX_WORDS = 1000
"""How much of a refusal is told, where a provider has it as the text of its answer."""
