"""What kind of thing the user said, before anything is looked for in it.

`hear` sorts a message: a yes or a no, a greeting, a refusal, a question, a "let us go on", noise. A message can be
several of these; what it contains is read elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fsm_langgraph.models.offline.words import plain, tidy


@dataclass(frozen=True, slots=True)
class Said:
    """A user's message, sorted."""

    whole: str
    """The message as it was written."""
    text: str
    """The message with plain apostrophes and spaces, and without a greeting before what it is about."""
    plain: str
    """The same in lower case, with contractions written out."""
    answer: bool | None
    """A yes or a no."""
    greets: bool
    """Whether it opens with a greeting."""
    declines: bool
    """Whether the user will not say."""
    unsure: bool
    """Whether the user does not know."""
    asks: bool
    """Whether it is a question."""
    chats: bool
    """Whether it is small talk, or about the assistant."""
    thanks: bool
    """Whether it is thanks."""
    leaves: bool
    """Whether the user takes leave."""
    goes_on: bool
    """Whether it only agrees to go on."""
    corrects: bool
    """Whether it takes back something said before."""
    introduces: bool
    """Whether the user says who they are."""
    noise: bool
    """Whether it means nothing."""

    @property
    def has_content(self) -> bool:
        """Whether the message could be the answer to a question that asks for words."""
        return bool(self.plain) and not (
            self.answer is not None or self.declines or self.unsure or self.asks or self.chats or self.thanks
            or self.leaves or self.goes_on or self.noise
        )  # fmt: skip


def hear(text: str) -> Said:
    """Sort a message."""
    whole, text = text.strip(), tidy(text)
    greeting = _GREETING.match(text)
    rest = text[greeting.end() :] if greeting else text
    rest = "" if _NOTHING.fullmatch(rest) else rest
    low = plain(rest)
    asks = "?" in rest or bool(_QUESTION.match(low))
    return Said(
        whole=whole,
        text=rest,
        plain=low,
        answer=_answer(low, asks),
        greets=greeting is not None,
        declines=bool(_DECLINES.search(low)),
        unsure=bool(_UNSURE.search(low)),
        asks=asks,
        chats=bool(_SMALL_TALK.search(low)),
        thanks=bool(_THANKS.fullmatch(low)),
        leaves=bool(_LEAVE.fullmatch(low)),
        goes_on=bool(_GO_ON.fullmatch(low)),
        corrects=bool(_CORRECTS.search(low)),
        introduces=bool(_INTRODUCES.search(rest)),
        noise=_is_noise(low),
    )


def yes_or_no(text: str) -> bool | None:
    """Read a message as the answer to a yes-or-no question, however much it says besides."""
    low = plain(text)
    answer = _answer(low, asks=False)
    if answer is not None:
        return answer
    if _NEGATES.search(low):
        return False
    return True if _AFFIRMS.search(low) else None


def _answer(low: str, asks: bool) -> bool | None:
    if not low or (asks and not _TAG_QUESTION.search(low)):
        return None
    if _YES_IN_SPITE.search(low):
        return True
    if _YES_BUT.search(low) or _NO.match(low) or _WRONG.search(low):
        return False
    return True if _YES.match(low) else None


def _is_noise(low: str) -> bool:
    """Say whether a text has no word that a person could have meant."""
    if not low or re.search(r"\d|@", low):
        return False
    found = re.findall(r"[^\W\d_]+", low)
    return all(_is_mash(word) for word in found)


def _is_mash(word: str) -> bool:
    if not word.isascii() or len(word) < 2 or word in _SHORT_WORDS:
        return False
    if len(word) >= 4 and any(word in row or word[::-1] in row for row in _ROWS):
        return True
    if (
        len(word) > 4
        and re.fullmatch(r"[asdfghjkl;]+", word)
        and not re.search(r"[aeiou].*[aeiou]|all|ash|lag", word)
    ):
        return True
    if not re.search(r"[aeiouy]", word):
        return len(word) > 4 or word not in _SHORT_WORDS
    return bool(re.search(r"[bcdfghjklmnpqrstvwxz]{6}|(.)\1{3}", word)) or len(word) > 30


_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORT_WORDS = frozenset(
    [
        "y",
        "n",
        "k",
        "mr",
        "ms",
        "mrs",
        "dr",
        "tv",
        "pc",
        "hmm",
        "mm",
        "by",
        "my",
        "no",
        "ok",
        "yo",
        "pm",
        "am",
        "ltd",
        "ng",
        "vs",
        "st",
        "dj",
        "mb",
        "gb",
        "kg",
        "km",
        "cm",
        "ssd",
        "nyc",
    ]
)

_GREETING = re.compile(
    r"(?:hi|hello|hey|hiya|howdy|greetings|hola|yo|good (?:morning|afternoon|evening|day))\b"
    r"(?: there| again| all| everyone| everybody| you)?[\s,.!:;-]*(?=$|[^\s,.!:;-])",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"[\s.,!;:-]*")
_LEAD = r"(?:(?:oh|well|um+|uh+|hmm+|ah|so|and|please)[\s,.]+)*"

_YES = re.compile(
    _LEAD
    + r"(?:y|yes|yea|yeah|yep|yup|ya|sure|ok|okay|k|correct|right|exactly|absolutely|definitely|certainly|indeed|"
    r"of course|perfect|affirmative|agreed|true|great|fine|good|alright|all right|sounds? (?:good|great|fine|right)|confirmed|"
    r"(?:it|that|this|everything|all)(?: (?:all|is|are|was|looks?|seems?|sounds?))+(?: all| perfectly| absolutely| fully)? "
    r"(?:right|correct|good|fine|great|ok|okay|perfect|true|accurate|it|well)|"
    r"(?:all |it |that )?(?:looks?|seems?) (?:all )?(?:good|right|fine|great|correct|ok|okay|perfect)|all (?:good|correct|right|set)|"
    r"i (?:do|am|have|did|can|will|would|agree|confirm|accept|approve)(?=[\s,.!]*(?:$|it|this|that|please))|please do|go ahead|"
    r"go for it|do it|why not|by all means|that works|works for me|you bet|uh[ -]huh|would love to)\b",
)
_NO = re.compile(
    _LEAD
    + r"(?:n|no|nope|nah|nay|never|negative|not (?:really|quite|at all|yet|exactly|correct|right|now|today|true|necessarily)|"
    r"i (?:do|am|have|did|can|will|would) not(?=[\s,.!]*(?:$|think so|agree|confirm|accept|want to|want that|approve|like it))|"
    r"absolutely not|definitely not|certainly not|of course not|no way|do not|please do not)(?![\w'])(?! problem| worries)"
)
_WRONG = re.compile(
    r"^(?:(?:that|this|it|everything|something|some of (?:it|that)|one thing|these|those|there|the \w+|my \w+)\b.{0,20}?)"
    r"\b(?:wrong|incorrect|mistaken?s?|false|inaccurate|an? (?:error|typo)|(?:is|are|was|does|do)(?: look)? not (?:right|correct|true|good|ok|"
    r"okay|fine|accurate|it|mine))\b|^(?:wrong|incorrect|false)\b|\bneeds? (?:to be )?(?:changed|corrected|fixed|fixing|changing)\b"
)
_YES_IN_SPITE = re.compile(
    r"^(?:no|nope)[\s,]+(?:that is|it is|this is|everything is|all|it)(?: all)? (?:right|correct|fine|good|ok|okay|perfect)\b|"
    r"^no (?:problem|worries|changes?|mistakes?|errors?|objections?|complaints?|corrections?)(?: \w+)?[\s.!]*$|"
    r"^nothing (?:is )?(?:wrong|to change|to correct|else|needs)|^(?:no[\s,]+)?(?:there is )?nothing (?:is )?(?:wrong|to (?:change|correct|fix))|"
    r"\bnot (?:bad|wrong|incorrect)\b"
)
_YES_BUT = re.compile(
    r"^(?:yes|yeah|yep|ok|okay|sure|right|correct|good|fine|almost|nearly|mostly|all|everything|it|that|looks?)\b.{0,30}\b(?:but|except|apart from)\b|"
    r"^(?:almost|nearly|mostly)\b"
)
_TAG_QUESTION = re.compile(r"^(?:yes|no|yeah|yep|nope|sure|ok|okay|correct|right|why not)\b")
_NEGATES = re.compile(r"\b(?:no|not|never|none|nothing|neither|without|nope)\b")
_AFFIRMS = re.compile(
    r"\b(?:yes|yeah|yep|sure|confirm|agree|accept|approve|of course|please|i do|i am|i have|i would|it is|it does|they are|i want|correct)\b"
)
_DECLINES = re.compile(
    r"\b(?:rather not|prefer not|not comfortable|none of your|not your business|no comment|i refuse|"
    r"do not (?:want|wish|like|feel like|care) to (?:say|tell|share|give|answer|disclose|provide|reveal|talk)|"
    r"do not want to(?=$|[.!,])|(?:will|would|am|can) not (?:going to )?(?:tell(?:ing)?|say(?:ing)?|giv(?:e|ing)|shar(?:e|ing)|answer(?:ing)?|disclos(?:e|ing))|"
    r"not telling|not going to (?:tell|say|give|share)|not giving|(?:that is|it is|keep (?:that|it|this)) (?:to myself|private|personal|secret|confidential)|"
    r"skip (?:this|it|that)|why should i|not saying)\b|^(?:skip|pass|private|no[,.]? i do not want to)[.! ]*$"
)
_UNSURE = re.compile(
    r"\b(?:(?:do|can) not (?:really )?(?:know|remember|recall)|no idea|no clue|not sure|unsure|dunno|not certain|i forgot|have to check|hard to say)\b"
)
_QUESTION = re.compile(
    r"(?:(?:and|but|so|ok|okay|well|wait|sorry)[\s,]+)*(?:what|who|where|when|why|how|which|whose|can (?:you|i|we)|could (?:you|i|we)|do (?:you|i|we)|"
    r"does (?:it|this|that)|are (?:you|there|we|they)|is (?:it|there|this|that|he|she)|will (?:you|it|this)|would you|should i|"
    r"did you|have you|am i|may i ask|tell me (?:a|an|about|more|what|who|why|how|something))\b"
)
_SMALL_TALK = re.compile(
    r"\b(?:weather|who (?:made|built|created|wrote|are) you|are you (?:a |an )?(?:real|bot|robot|human|person|machine|ai|computer|program|there)|"
    r"how are you|what are you|what is your name|your name is|(?:tell|know) (?:me )?(?:a |any )?jokes?|sing (?:me )?a|what time is it|"
    r"meaning of life|do you (?:like|love|sleep|dream|have feelings|know)|i love you|how old are you|where are you from|who is the president|"
    r"what can you do|(?:what|who) is this\b|what (?:is going on|is all this|do you (?:want|do)))"
)
_THANKS = re.compile(
    r"(?:ok(?:ay)?|great|perfect|many)?[\s,]*(?:thanks|thank you|thx|ty|cheers|much appreciated)[\w\s,]{0,25}[.!]*"
)
_LEAVE = re.compile(
    r"(?:ok(?:ay)?|thanks|thank you|well|alright|no|and|so)?[\s,]*(?:good ?bye|bye(?: bye)?|see (?:you|ya)(?: later| soon)?|cya|farewell|"
    r"i (?:am done|have to go|must go|need to go|want to (?:stop|quit|leave|end))(?: now)?|quit|exit|stop|the end|that is all|good night|have a (?:nice|good|great) day)"
    r"[\w\s,]{0,20}[.!]*"
)
_GO_ON = re.compile(
    _LEAD
    + r"(?:ok|okay|continue|next|go on|go ahead|proceed|ready|i am ready|let us (?:go|start|begin|continue|do (?:it|this))|start|begin|carry on|"
    r"move on|sure|yes|yeah|fine|alright|all right|got it|i see|understood|sounds good|done)[\s,.!]*(?:then|please|now|let us (?:go|start|begin))?[\s.!]*"
)
_INTRODUCES = re.compile(r"\b(?:(?i:my (?:full )?name|name is|call me)\b|(?i:i'm|i am|this is) [A-Z][a-z]+)")
_CORRECTS = re.compile(
    r"\b(?:actually|i meant|i mean|my mistake|correction|instead|rather|scratch that|on second thought|make (?:it|that)|change|wait|"
    r"should (?:be|have been)|oops|sorry)\b|^no[\s,]+(?:it|that|they|my|the|i|not|make)\b|\bnot \S+(?: \S+)?, \S+|, not \S+"
)
