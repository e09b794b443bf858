"""The behaviours that hold with every package, and where one does not hold yet: the table of `docs/models.md`."""

from __future__ import annotations

from wire.packages import PACKAGES, Package

BEHAVIOURS = {
    "reply": "A reply streams, and the user sees its message alone",
    "message": "A message streams",
    "usage": "Tokens are counted",
    "tool": "A tool is called",
    "held": "A tool is called on a server that holds to the schema",
    "thought": "Reasoning that the provider tells apart is not shown",
    "thinks": "Reasoning in the text of a reply is not shown, and decides nothing",
    "muses": "Reasoning in the text of a message is not shown",
    "refusal": "A refusal is told, in the model's words, and asked once",
    "filter": "A content filter is told, and asked once",
    "cut reply": "A reply that reaches the length limit is told as cut",
    "cut message": "A message that reaches the length limit is told as cut",
    "busy": "429, 500 and 529 are tried again",
    "down": "A fault that stays fails the turn, and leaves the conversation as it was",
    "lost": "A connection that breaks before the message is tried again",
    "broken": "A connection that breaks within the message fails the turn, which tells what was shown",
    "late": "A stream that hangs ends the turn at its deadline",
}
"""The behaviours, by the names that the tests have for them."""

NOT_YET: dict[str, dict[str, str]] = {
    "refusal": {"OpenRouter": "langchain-openrouter drops the field of a refusal that is streamed"},
}
"""The behaviours that do not hold yet: for each the packages, and why."""


def table() -> str:
    """Write the table of the docs: the behaviours down, the packages across."""
    rows = [
        ["", *(package.name for package in PACKAGES)],
        ["---", *("---" for _ in PACKAGES)],
        *([told, *(_cell(name, package) for package in PACKAGES)] for name, told in BEHAVIOURS.items()),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cell(name: str, package: Package) -> str:
    if name in package.lacks:
        return "n/a"
    return "not yet" if package.name in NOT_YET.get(name, {}) else "yes"
