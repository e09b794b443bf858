"""The page `docs/problems.md`, which the table of codes makes: `make problems` writes it anew."""

from __future__ import annotations

from pathlib import Path

from fsm_langgraph.checking.outputs.codes_page import codes_page

PAGE = Path(__file__).parent.parent / "docs" / "problems.md"

if __name__ == "__main__":
    PAGE.write_text(codes_page(), encoding="utf-8")
