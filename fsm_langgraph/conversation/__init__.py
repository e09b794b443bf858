"""Conversations by their ids: holding them, and reading what is stored of them."""
