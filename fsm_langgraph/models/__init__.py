"""Chat models: choosing one, asking any of them for a reply, and those that this package adds to LangChain's."""
