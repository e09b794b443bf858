"""Hidden text: the parts of a model's message that are not meant for the user, taken out while it streams.

hidden_text       takes them out
passing_text      the text, as far as it was read, and what of it goes on to the user
outer_text        the text outside of all that is hidden, and the places where something may begin in it
passages          what it may stand in besides: reasoning, hidden blocks, code
wrapped_message   the message inside of an envelope or a fence
envelope, fences  how these two are told from content
signs             the signs of tools' calls and of our prompt's tags
"""
