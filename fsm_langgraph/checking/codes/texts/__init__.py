"""The codes of texts and trust."""
