"""Draws the comparison, with what the `explore` extra brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.peers.comparison import Times
from benchmarks.peers.programs import OURS

INK, ACCENT, GREY = "#1f2430", "#1f6feb", "#6b7686"


def draw(titles: Sequence[str], paced: Mapping[int, Sequence[Times]], path: Path) -> None:
    """Draw a panel for each pace: for each program a bar to the first visible token, and a tick at the turn's end."""
    import altair as alt
    import pandas as pd

    rows = [
        {"program": title, "pace": f"{speed} tokens/s", "first": fmean(of.first), "whole": fmean(of.whole)}
        for speed, times in paced.items()
        for title, of in zip(titles, times, strict=True)
    ]
    base = alt.Chart(pd.DataFrame(rows)).encode(
        y=alt.Y("program:N", title=None, sort=alt.EncodingSortField("first", op="mean"))
    )
    colour = alt.condition(alt.datum.program == OURS, alt.value(ACCENT), alt.value(GREY))
    seconds = alt.X("first:Q", title="seconds after the user's message", scale=alt.Scale(domainMin=0))
    bars = base.mark_bar(height=16).encode(x=seconds, color=colour)
    words = base.mark_text(align="right", dx=-5, color="white", fontWeight="bold").encode(
        x="first:Q", text=alt.Text("first:Q", format=".2f")
    )
    ends = base.mark_tick(thickness=2, size=16, color=INK).encode(x="whole:Q")
    panels = (
        (bars + words + ends)
        .properties(width=250, height=210)
        .facet(column=alt.Column("pace:N", title=None, sort=[f"{speed} tokens/s" for speed in paced]))
    )
    title = alt.Title(
        "First visible token (bar) and end of the turn (tick)",
        subtitle="The same form and the same model: 300 ms to its first token. Means of seven turns.",
        anchor="start",
    )
    chart = panels.properties(title=title, background="white").configure_axis(labelFontSize=12, titleFontSize=12)
    chart.configure_title(fontSize=15, subtitleFontSize=12).configure_header(labelFontSize=13).save(
        path, scale_factor=1.6
    )
