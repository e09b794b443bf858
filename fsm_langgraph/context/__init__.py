"""The context: the data of a conversation, what values it holds, and who may write them."""
