"""The codes of keys, a file for each kind."""
