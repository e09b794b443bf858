"""Texts with tags over the context, and the lookups of the store that they read."""
