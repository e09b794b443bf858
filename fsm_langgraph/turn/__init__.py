"""A turn: what happens from one message of the user to the answer, and all that it is made of.

    turn, frames, record, deed   a turn under way as data, what lies between two, what is told of it and of its deeds
    beginning, landing           how it starts from what is stored, and ends in it
    older                        what leaves the state as it ends, where the conversation has become long
    part                         one state that plays its part in it
    moments, asking, tooling     what it wants from handlers, the model and tools
    leaving, speaking, deciding  the way out of a state, its message, the model's reply
    nesting, inside              a sub-machine within a state
    play                         the main line of a state's part
    journal, checkpoints         what was done already, and where that is kept

Logic, as generators that yield what they want; the node does it. Only `checkpoints` knows LangGraph.
"""
