"""Replies: a model's answers in a state.

reply_schema  the JSON Schema that a reply is asked for by
parser        a reply read while it is being written
reply         its target and its updates, from any of its forms
"""
