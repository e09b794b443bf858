"""Before a run or an edit: what a conversation's checkpoint says about it.

before_run                     the checkpoint is read once, and says what there is to run
unfinished_landing             a turn that a crash has kept from landing is finished first
taking_over                    secrets that are stored in the clear get tokens
changed_since                  one whose definition has changed may not fit it, and is refused
known_messages, stored_answer  messages that are known by their ids, and the answers that they had
"""
