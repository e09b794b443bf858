"""What a model is told: the messages of one call, made of the definition, the context and the history.

template, escaping         texts with tags, and what goes into them
wording                    the sentences that no definition writes
transitions                the ways out of a state, as the model chooses among them
places, lookups, fetching  what is read from LangGraph's store
prompt                     all of it, in the order in which the model reads it
"""
