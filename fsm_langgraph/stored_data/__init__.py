"""How conversations are written into a database and read back: nothing that stands there is run.

safe_serializer    the serializer of all that this package opens: it builds listed types only
encryption         keys, and the cipher that writes nothing in clear
permissive_savers  checkpointers of the caller's own that build whatever a row names
"""
