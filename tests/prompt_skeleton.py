"""Many prompts told as one skeleton and what differs by state, so that a change of a rule is a change of one line.

A section is one line, behind its tag. A line that every prompt has stands in the skeleton alone: `·` is left in its
place. A long rule that prompts of several machines have stands there too, and is shortened where a state has it. A line
that all states of a machine have is told once for them.

    ·                                        as in every prompt
    <purpose> Learn what to order
    - "confirms" is what the user must …     as in the skeleton
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

Prompts = Mapping[str, str]
"""The prompts of a machine, by the paths of its states."""
SHORT = 64
"""How many characters are left of a line that stands in the skeleton."""
ELIDED = "·"
EVERY_STATE = "(every state)"
_SECTION = re.compile(r"^<(\w+)>\n(.*?)\n?^</\1>$", re.DOTALL | re.MULTILINE)


class Skeleton:
    """The lines that prompts of several machines have.

    Args:
        machines: The prompts of all machines.
    """

    def __init__(self, machines: Iterable[Prompts]) -> None:
        told = [[_lines(path, prompt) for path, prompt in prompts.items()] for prompts in machines]
        every = [lines for prompts in told for lines in prompts]
        owners = Counter(line for prompts in told for line in {line for lines in prompts for line in lines})
        self._everywhere = set(every[0]).intersection(*every)
        rules = {line for line, count in owners.items() if count > 1 and line.startswith("- ") and len(line) > SHORT}
        self._shared = self._everywhere | rules
        self.lines = _in_order([[line for line in lines if line in self._shared] for lines in every])
        """All of them; those that not every prompt has are indented."""
        self.lines = [line if line in self._everywhere else f"    {line}" for line in self.lines]

    def tell(self, prompts: Prompts) -> dict[str, str]:
        """Tell what the prompts of a machine have beside the skeleton: what all of them have, and each state."""
        told = {path: _lines(path, prompt) for path, prompt in prompts.items()}
        first, *others = told.values()
        common = [line for line in first if all(line in lines for lines in others) and line not in self._shared]
        elided = self._everywhere.union(common)
        states = {
            path: [ELIDED if line in elided else self._short(line) for line in lines] for path, lines in told.items()
        }
        return {EVERY_STATE: "\n".join(common), **{path: _joined(lines) for path, lines in states.items()}}

    def _short(self, line: str) -> str:
        is_alone = sum(other[:SHORT] == line[:SHORT] for other in self._shared) == 1
        return f"{line[:SHORT]} …" if line in self._shared and is_alone else line


def _lines(path: str, prompt: str) -> list[str]:
    """Divide a prompt into lines, each section one line behind its tag; a state's own name is put back as `{state}`."""
    folded = _SECTION.sub(lambda section: f"<{section[1]}> {section[2]}".rstrip(), prompt)
    name = path.rpartition("/")[2]
    own = folded.replace(f'stay: "{name}"', 'stay: "{state}"').replace(
        f"<current_state> {name}\n", "<current_state> {state}\n"
    )
    return own.split("\n")


def _in_order(prompts: Iterable[list[str]]) -> list[str]:
    """Return each line once, behind the line that it follows where it is first met."""
    found: list[str] = []
    for lines in prompts:
        at = 0
        for line in lines:
            if line not in found:
                found.insert(at, line)
            at = found.index(line) + 1
    return found


def _joined(lines: list[str]) -> str:
    kept = [line for before, line in zip(["", *lines], lines, strict=False) if not before == line == ELIDED]
    return "\n".join(kept).replace(f"{ELIDED}\n", f"{ELIDED} ")
