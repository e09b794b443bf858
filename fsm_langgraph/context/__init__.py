"""The context: the data of a conversation.

writes                    who may write a key, and the changes that writes make
growth                    which writes the context has room for
answered_keys             whether a key was written by anyone, be it with false or none
dependents                which keys are stale, since one that they depend on has changed
machine_keys              the names of the keys that are the machine's own
told                      what holds of the writes of a model's reply
secret_tokens             the tokens that stand in the places of secrets
placeholders, user_words  values that say nothing, and the words that the user wrote
values                    a value in its declared type, or a reason why it does not fit
coercions, json_values    how it comes to that type, and what JSON can hold of it
presence                  whether a key counts as given
offered_keys, key_schema  the keys that a reply is offered, and the schema of each one's value
"""
