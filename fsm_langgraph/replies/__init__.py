"""What a model returns: the schema that it is asked for, and how it is read while it is being written."""
