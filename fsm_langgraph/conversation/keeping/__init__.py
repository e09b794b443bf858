"""Housekeeping: which conversations a database holds, and how it is kept from growing without end.

    housekeeping ──┬─ storage            what holds the conversations, opened
                   ├─ overview           how one stands, from its newest checkpoint alone
                   ├─ old_checkpoints    those that no turn needs any more
                   └─ checkpoint_rows    the rows of a database: sqlite_rows, postgres_rows, listed_rows

LangGraph's checkpointers tell the newest checkpoint of a conversation, and no conversations; and they delete a whole
one, and no part of it. So the rows are read and deleted by SQL here, and nowhere else.
"""
