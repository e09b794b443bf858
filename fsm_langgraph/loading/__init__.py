"""The door: a definition in a file, a text or a mapping becomes models, or one error that tells every fault.

document, yaml_text    a source -> JSON data    what cannot be read, what JSON cannot hold, keys given twice
shape                  data -> models           fields that are unknown, missing, of the wrong type
consistency            data                     names that nothing has or that are taken, logic, templates
declarations           data                     the declared keys of the context
lookups                data                     what templates read from the store
schema                                          the JSON Schema of the format, for editors
linking, nesting       data -> data             sub-machines brought in, and what goes in and out of them
loader                                          all of it, in the order of the document
"""

from fsm_langgraph.loading.format_schema import definition_schema
from fsm_langgraph.loading.loader import Source, find_problems, load_definition

__all__ = ["Source", "definition_schema", "find_problems", "load_definition"]
