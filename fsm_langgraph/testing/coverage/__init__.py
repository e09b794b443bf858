"""Coverage of definitions: what conversations have come to, and what they have not.

coverable         the items of a definition, each with the outcomes that are to be seen of it
logic_leaves      the leaves of a condition's logic
measuring         the definitions that are measured, each with what was seen (measured)
machine_listener  hears the turns of a machine, and notes what they cover
data_files        what each process has seen, and all of them together
figures           how much that is, and the least that is wanted
coverage_report   a table and JSON, with lines (item_lines); covered_picture: the machine in colours
"""
