"""The chat models that this package adds to LangChain's, and how any of them is asked for a reply."""
