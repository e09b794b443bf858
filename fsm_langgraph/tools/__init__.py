"""The tools that the model may call in a state."""
