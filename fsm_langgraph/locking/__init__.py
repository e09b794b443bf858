"""One turn at a time: who holds a conversation, in this process and in others that keep it in the same place.

hold           a turn's hold of its conversation, and how long it waits for the one before
line           those that wait in this process, first come, first served
places         where a checkpointer keeps conversations, and the locks that other processes know
file_locks     of a SQLite file: bytes of a file beside it
postgres_locks of a PostgreSQL database: advisory locks of one session
driver_errors  what the drivers of databases raise, as this package's own error
"""

from fsm_langgraph.locking.driver_errors import storage_errors_told, told_as_storage
from fsm_langgraph.locking.hold import Busy, Hold

__all__ = ["Busy", "Hold", "storage_errors_told", "told_as_storage"]
