"""The secrets of a conversation: tokens stand in their places, and the values lie beside the conversation.

secret_input   tokens take the places of the secrets in what is given to a graph
secret_store   where the values are stored, and the effects that read and write them
told_secrets   the values, for those who run the conversation
"""
