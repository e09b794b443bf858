"""The door: a definition in a file, a text or a mapping becomes models, or one error that tells every fault.

positions              a text -> lines         where each part of it stands
    text_tree, json_tree, yaml_tree             the parts of a text
    origins                                     which texts a definition was read from
files                  a path -> text           what is no regular file, is too large, or lies outside of the root
document, yaml_text    a source -> JSON data    texts that cannot be read, values that are no JSON, keys given twice
linking                data -> data             sub-machines brought in, which may be missing or run themselves
    named_files                                 what is told of a file that a definition names
    near_files                                  the file that was meant, where there is none of a name
shape                  data -> models           fields that are unknown, missing, of the wrong type
consistency            data                     names that nothing has or that are taken, logic, templates
    name_faults                                 signs in names that nobody sees, and names that look the same
    raw_data                                    parts of a document, where they are what they should be
    key_names                                   names of keys that are not declared, or are the machine's
    declarations                                the declared keys of the context
    condition_fields                            what a condition reads, and what it confirms
    template_keys                               the keys that tags name
    store_section                               the lookups in the store, and the tags that read them
    check_section                               the findings that the author accepts
    subflow_fields                              the fields by which a state runs a sub-machine
format_schema                                   the JSON Schema of the format, for editors
document_order                                  problems and findings, sorted by where they stand
loader                                          all of it, with the problems in the order of the document
"""

from fsm_langgraph.loading.document_order import in_document_order
from fsm_langgraph.loading.format_schema import definition_schema
from fsm_langgraph.loading.loader import LoadedDefinition, Source, find_problems, load_definition, read_definition
from fsm_langgraph.loading.origins import Origins, origins_of

__all__ = [
    "LoadedDefinition",
    "Origins",
    "Source",
    "definition_schema",
    "find_problems",
    "in_document_order",
    "load_definition",
    "origins_of",
    "read_definition",
]
