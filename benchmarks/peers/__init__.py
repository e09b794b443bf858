"""The same conversation in the programs of several libraries, each in an environment of its own; see README.md."""

from benchmarks.peers.headlines import figures

__all__ = ["figures"]
