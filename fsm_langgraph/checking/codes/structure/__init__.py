"""The codes of states and transitions, by what they are about."""
