"""The machine's own keys, which guards and templates may read, and nobody writes.

They are no part of the context that is stored: a turn has them from its beginning to its end.
"""

from __future__ import annotations

STAYS = "_stays"
"""How many messages before this one, in a row, changed no key and led nowhere."""
NOW = "_now"
"""The time at which the turn first began: `2026-11-26T17:00:00Z`."""
MACHINE_KEYS = (STAYS, NOW)
"""All of them."""
