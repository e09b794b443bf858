"""Trying a machine before a user meets it."""
