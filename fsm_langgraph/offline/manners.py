"""The phrases by which a message is sorted: how people say yes and no, greet, refuse, take leave.

Patterns over plain text (lower case, contractions written out), a few phrases to a line. One that is missing
goes in here, and into the tables of the tests.
"""

from __future__ import annotations

import re

from fsm_langgraph.offline.words import word_set


def _one_of(lines: str) -> str:
    """Return a pattern for one of some phrases, each on its line."""
    return f"(?:{'|'.join(line.strip() for line in lines.splitlines() if line.strip())})"


_LEAD = r"(?:(?:oh|well|um+|uh+|hmm+|ah|so|and|please)[\s,.]+)*"
"""Fillers before what people really say."""

YES_PHRASES = _one_of(r"""
    y|yes|yea|yeah|yep|yup|ya|sure|ok|okay|k
    correct|right|true|exactly|absolutely|definitely|certainly|indeed|of course|affirmative|agreed|confirmed
    perfect|great|fine|good|alright|all right
    all (?:good|correct|right|set)
    sounds? (?:good|great|fine|right)
    (?:all |it |that )?(?:looks?|seems?) (?:all )?(?:good|right|fine|great|correct|ok|okay|perfect)
    (?:it|that|this|everything|all)(?: (?:is|are|was|looks?|seems?|sounds?|all))+ (?:right|correct|it|true)
    (?:it|that|this|everything|all)(?: (?:is|are|was|looks?|seems?|sounds?|all))+ (?:good|fine|great|ok|okay)
    (?:it|that|this|everything|all)(?: (?:is|are|was|looks?|seems?|sounds?|all))+ perfect(?:ly \w+)?
    i (?:do|am|have|did|can|will|would|agree|confirm|accept|approve)(?=[\s,.!]*(?:$|it|this|that|please))
    please do|go ahead|go for it|do it|why not|by all means|that works|works for me|you bet|uh[ -]huh
    would love to
""")
NO_PHRASES = _one_of(r"""
    n|no|nope|nah|nay|never|negative
    not (?:really|quite|at all|yet|exactly|correct|right|now|today|true|necessarily)
    i (?:do|am|have|did|can|will|would) not(?=[\s,.!]*(?:$|think so|agree|confirm|accept|want (?:to|that)))
    (?:absolutely|definitely|certainly|of course) not
    no way|do not|please do not
""")
WRONG_PHRASES = _one_of(r"""
    wrong|incorrect|mistaken?s?|false|inaccurate|an? (?:error|typo)
    (?:is|are|was|does|do)(?: look)? not (?:right|correct|true|good|ok|okay|fine|accurate|it|mine)
""")

YES = re.compile(rf"{_LEAD}{YES_PHRASES}\b")
NO = re.compile(rf"{_LEAD}{NO_PHRASES}(?![\w'])(?! problem| worries)")
WRONG = re.compile(
    r"^(?:that|this|it|everything|something|some of (?:it|that)|one thing|these|those|there|(?:the|my) \w+)\b"
    r".{0,20}?"
    rf"\b{WRONG_PHRASES}\b|^(?:wrong|incorrect|false)\b|"
    r"\bneeds? (?:to be )?(?:changed|corrected|fixed|fixing|changing)\b"
)
YES_IN_SPITE = re.compile(
    _one_of(r"""
    ^(?:no|nope)[\s,]+(?:(?:that|it|this|everything) is|all|it)(?: all)? (?:right|correct|fine|good|ok|okay)\b
    ^no (?:problem|worries|changes?|mistakes?|errors?|objections?|complaints?|corrections?)(?: \w+)?[\s.!]*$
    ^(?:no[\s,]+)?(?:there is )?nothing (?:is )?(?:wrong|to (?:change|correct|fix)|else|needs)\b
    \bnot (?:bad|wrong|incorrect)\b
    """)
)
"""A yes that begins or looks like a no."""
YES_BUT = re.compile(
    r"^(?:yes|yeah|yep|ok|okay|sure|right|correct|good|fine|all|everything|it|that|looks?)\b.{0,30}"
    r"\b(?:but|except|apart from)\b|"
    r"^(?:almost|nearly|mostly)\b"
)
"""A no that begins like a yes."""
TAG_QUESTION = re.compile(r"^(?:yes|no|yeah|yep|nope|sure|ok|okay|correct|right|why not)\b")
NEGATES = re.compile(r"\b(?:no|not|never|none|nothing|neither|without|nope)\b")
AFFIRMS = re.compile(
    r"\b(?:yes|yeah|yep|sure|confirm|agree|accept|approve|of course|please|i (?:do|am|have|would|want)|"
    r"it (?:is|does)|they are|correct)\b"
)

GREETING = re.compile(
    r"(?:hi|hello|hey|hiya|howdy|greetings|hola|yo|good (?:morning|afternoon|evening|day))\b"
    r"(?: there| again| all| everyone| everybody| you)?[\s,.!:;-]*(?=$|[^\s,.!:;-])",
    re.IGNORECASE,
)
_SAYING = r"(?:(?:tell|say|answer)(?:ing)?|(?:giv|shar|disclos|provid)(?:e|ing)|reveal)"
DECLINES = re.compile(
    _one_of(rf"""
    \b(?:rather|prefer) not\b|\bnot comfortable\b|\bno comment\b|\bi refuse\b|\bwhy should i\b
    \bnone of your\b|\bnot your business\b
    \bdo not (?:want|wish|like|feel like|care) to (?:talk|{_SAYING})\b|\bdo not want to(?=$|[.!,])
    \b(?:will|would|am|can) not (?:going to )?{_SAYING}\b|\bnot (?:going to )?{_SAYING}\b
    \b(?:that is|it is|keep (?:that|it|this)) (?:to myself|private|personal|secret|confidential)\b
    \bskip (?:this|it|that)\b|^(?:skip|pass|private|no[,.]? i do not want to)[.! ]*$
    """)
)
UNSURE = re.compile(
    r"\b(?:(?:do|can) not (?:really )?(?:know|remember|recall)|no idea|no clue|not (?:sure|certain)|unsure|"
    r"dunno|i forgot|have to check|hard to say|let me (?:think|see|look|check))\b|"
    r"^(?=\w)(?:please )?(?:(?:wait|hold on|hang on)\b)?[\s,]*"
    r"(?:(?:just |give me )*(?:a|one) (?:moment|second|minute))?,?(?<!please)(?: please)?\W*$"
)
QUESTION = re.compile(
    r"(?:(?:and|but|so|ok|okay|well|wait|sorry)[\s,]+)*"
    + _one_of(r"""
    what|who|where|when|why|how|which|whose
    (?:can|could|do) (?:you|i|we)|does (?:it|this|that)|did you|have you|am i|should i|may i ask
    are (?:you|there|we|they)|is (?:it|there|this|that|he|she)|will (?:you|it|this)|would you
    tell me (?:a|an|about|more|what|who|why|how|something)
    """)
    + r"\b"
)
SMALL_TALK = re.compile(
    r"\b"
    + _one_of(r"""
    weather\b|meaning of life|who is the president|what time is it|i love you|sing (?:me )?a\b
    (?:tell|know) (?:me )?(?:a |any )?jokes?
    who (?:made|built|created|wrote|are) you|how are you|what are you|how old are you|where are you from
    are you (?:a |an )?(?:real|bot|robot|human|person|machine|ai|computer|program|there)\b
    what is your name|your name is|do you (?:like|love|sleep|dream|have feelings|know)\b
    what can you do|(?:what|who) is this\b|what (?:is going on|is all this|do you (?:want|do))\b
    """)
)
THANKS = re.compile(
    r"(?:ok(?:ay)?|great|perfect|many)?[\s,]*(?:thanks|thank you|thx|ty|cheers|much appreciated)"
    r"[\w\s,]{0,25}[.!]*"
)
LEAVES = re.compile(
    r"(?:ok(?:ay)?|thanks|thank you|well|alright|no|and|so)?[\s,]*"
    + _one_of(r"""
    good ?bye|bye(?: bye)?|see (?:you|ya)(?: later| soon)?|cya|farewell|good night
    have a (?:nice|good|great) day
    i (?:am done|have to go|must go|need to go|want to (?:stop|quit|leave|end))(?: now)?
    quit|exit|stop|the end|that is all
    """)
    + r"[\w\s,]{0,20}[.!]*"
)
GOES_ON = re.compile(
    _LEAD
    + _one_of(r"""
    ok|okay|sure|yes|yeah|fine|alright|all right|got it|i see|understood|sounds good|done
    continue|next|go on|go ahead|proceed|start|begin|carry on|move on|ready|i am ready
    let us (?:go|start|begin|continue|do (?:it|this))
    """)
    + r"[\s,.!]*(?:then|please|now|let us (?:go|start|begin))?[\s.!]*"
)
CORRECTS = re.compile(
    _one_of(r"""
    \b(?:actually|i meant|i mean|my mistake|correction|instead|rather|scratch that|on second thought)\b
    \b(?:make (?:it|that)|change|wait|should (?:be|have been)|oops|sorry)\b
    ^no[\s,]+(?:it|that|they|my|the|i|not|make)\b
    \bnot \S+(?: \S+)?, \S+|, not \S+
    """)
)
INTRODUCES = re.compile(r"\b(?:(?i:my (?:full )?name|name is|call me)\b|(?i:i'm|i am|this is) [A-Z][a-z]+)")
"""Over the text as it was written: a capital tells a name from the rest."""

NOTHING = re.compile(r"[\s.,!;:-]*")
KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
SHORT_WORDS = word_set("y n k mr ms mrs dr tv pc hmm mm by my no ok yo pm am ltd ng vs st dj mb gb kg km cm ssd nyc")
"""Words without a vowel that are words."""
