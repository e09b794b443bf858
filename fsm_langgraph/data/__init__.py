"""Plain JSON data: walking it, the forms of texts, halves of characters."""
