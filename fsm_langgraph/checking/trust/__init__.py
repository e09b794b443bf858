"""Trust: secrets that stand somewhere in clear, and data that whoever talks can choose.

typed_secrets    secrets that a model is to collect
leaking_secrets  secrets in the file, at a sub-machine's border, in the store
lookup_origins   lookups whose place the model decides
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fsm_langgraph.checking.finding import Finding
from fsm_langgraph.checking.machine_view import MachineView
from fsm_langgraph.checking.trust.leaking_secrets import find_leaking_secrets
from fsm_langgraph.checking.trust.lookup_origins import find_lookup_faults
from fsm_langgraph.checking.trust.typed_secrets import find_typed_secrets

TRUST_CHECKS: tuple[Callable[[MachineView], Iterator[Finding]], ...] = (
    find_lookup_faults,
    find_typed_secrets,
    find_leaking_secrets,
)
