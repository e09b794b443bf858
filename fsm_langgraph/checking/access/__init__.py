"""Access: who may write what, and what that opens.

key_origins      how the model comes to write a key
openings         who opens a transition
machine_access   how far the model alone comes
privileges       privileged transitions that the model alone can open
"""
