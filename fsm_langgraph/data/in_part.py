"""A text in part: its beginning and its end, and between them how much was left out."""

from __future__ import annotations

from fsm_langgraph.data.size_limits import WIDEST, text_size


def in_part(text: str, most: int | None) -> str:
    """Return the text, or of one that has more bytes its beginning and its end; the note between them comes on top."""
    if most is None or len(text) * WIDEST <= most or text_size(text) <= most:
        return text
    half = most // 2
    head = text[:half].encode("utf-8", "replace")[:half].decode("utf-8", "ignore")
    tail = text[len(text) - half :].encode("utf-8", "replace")[-half or most :].decode("utf-8", "ignore")
    return f"{head}\n[… {len(text) - len(head) - len(tail):,} characters left out …]\n{tail}"
