"""The headline figures of the comparison: nothing, where the peers are not installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from statistics import fmean

from benchmarks.figures import Figure
from benchmarks.peers.comparison import Pace, count_all, players, time_all
from benchmarks.peers.programs import OURS, installed
from benchmarks.peers.tokens import at_hand

PACES = {speed: Pace(first_delay=0.3, delay=1 / speed) for speed in (50, 100)}
"""The paced model, by its tokens in a second."""


def figures() -> Iterator[Figure]:
    """Compare with one conversation of each at each pace, held all at once, as they mostly wait for the model."""
    programs = installed()
    titles = [program.title for program in programs]
    if titles == [OURS]:
        return
    with players(programs, at_hand()) as playing:
        counts = dict(zip(titles, count_all(playing), strict=True))
        for speed, pace in PACES.items():
            times = dict(zip(titles, time_all(playing, pace, 1, together=True), strict=True))
            found = to_ours({title: fmean(of.first) for title, of in times.items()}, "{:.2f}")
            yield Figure(f"First visible token of six peers, to ours, at {speed} tokens/s", found)
    yield Figure("Model calls a turn of six peers, to ours", to_ours({t: c.calls for t, c in counts.items()}, "{:.2f}"))
    late = {title: counted.late_tokens for title, counted in counts.items()}
    yield Figure("Input tokens of turn 50 of six peers, to ours", to_ours(late, "{:.1f}"))


def to_ours(values: Mapping[str, float], form: str) -> str:
    """Tell the least and the greatest ratio to ours, and whose they are."""
    ratios = {title: value / values[OURS] for title, value in values.items() if title != OURS}
    extremes: tuple[Callable[..., str], ...] = (min, max)
    named = (of(ratios, key=ratios.__getitem__) for of in extremes)
    return " to ".join(f"{form.format(ratios[title])} ({title})" for title in named)
