"""A turn: what happens from one message of the user to the answer, as coroutines over effects.

play                    the main line: one state's part in a turn; begin to read here
turn, scope             a turn under way as data: what belongs to the turn, and what to one machine
stored_turn, frames     their stored forms, on the way and between two turns
beginning, landing      how a turn starts from what is stored, and ends in it
part, moments           a state that plays its part; the handlers of a moment
decision, forecast      how a reply is judged, and the fate of its message
consequences            what is forgotten since something has changed
clear_secrets           tokens in the places of secrets that are stored in the clear
clock                   the time of a turn
leaving, message        the way out of a state; the message of the state where a turn ends
handoff                 who gets the user when the turn has landed
inquiry, tool_uses      what the model is asked in one step, and the tools that it calls
sub_machines, inside    into a sub-machine and back
record                  what is told of a turn
"""
