"""Replies: a model's answers in a state.

reply_schema  the JSON Schema that a reply is asked for by
parser        an object read while it is being written
reply_reader  the reply in a model's text, told apart from what stands around it
reply         its target and its updates, from any of its forms
reasoning     the reasoning in a text, and how a model marks it
hidden/       the parts of a message that are not meant for the user
echo          sentences of our own prompt where a message should be
"""
