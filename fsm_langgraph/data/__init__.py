"""Plain JSON data, which knows nothing of conversations.

json_data      any Python objects as JSON, and the paths of what is none
formats        e-mail addresses, dates and other forms of texts
surrogates     halves of characters mended
reply_members  the names in a reply's JSON object
"""
