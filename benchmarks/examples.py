"""The examples that the benchmarks use, and what their users say beside the point."""

from __future__ import annotations

from pathlib import Path

GRAPHS = Path(__file__).parent.parent / "graphs"
FORM = GRAPHS / "personal_information" / "fsm.json"
SUPPORT = GRAPHS / "support" / "fsm.json"
ASIDES = ("Wait a moment, please.", "Hm, let me think about it.", "It has been a long day.", "Sorry, the phone rang.")
