"""Conversations with a real model on a real engine: the hard promises, and how far a small model gets."""
