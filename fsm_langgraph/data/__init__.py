"""Plain JSON data, which knows nothing of conversations.

json_data      any Python objects as JSON, and the paths of what is none
formats        e-mail addresses, dates and other forms of texts
surrogates     halves of characters mended
size_limits    how large things may become, and how they are measured
in_part        the beginning and the end of a long text
reply_members  the names in a reply's JSON object
"""
