"""A conversation whose definition has changed: whether it fits, and what it takes for it to go on.

starting         the beginning of a turn: brings over what is stored, and goes on with a turn that is under way
bringing_over    the whole of a conversation, judged and brought over at once
standing_places  the states that it stands in: its own, those of sub-machines under way, the ways back of digressions
stored_values    the values of its keys
findings         what is found on the way

It is judged by what is stored of it and by name alone, since nobody keeps the definition that it was held with.
"""
