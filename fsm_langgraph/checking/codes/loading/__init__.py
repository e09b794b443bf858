"""The codes of what keeps a definition from loading, by topic; `loading_codes` beside this folder has the list."""
