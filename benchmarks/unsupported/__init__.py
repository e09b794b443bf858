"""Values that nobody has said, as small models write them, and values that were said: which of them are stored."""

from benchmarks.unsupported.playing import figures

__all__ = ["figures"]
