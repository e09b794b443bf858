"""Guards as formulas: what a context can be, and whether one exists that opens some guards and closes others.

prover            the interface that the checks use
formulas          the words of question and answer
guard_prover      encode, decide, make a witness, have the evaluator confirm it
asked_formulas    formulas as terms, and as the evaluator judges them
encoding          an expression as terms; its operators:
    encoded_readers, encoded_paths, encoded_comparisons, encoded_numbers, encoded_lists, encoded_texts, encoded_outcomes
context_cases     what each key, and each part of its value, can be:
    domains, sites, relevant_values, text_cases, text_order, joined_texts
shapes, terms     values with the conditions under which they are there; what those are made of
text_terms        texts that are made of others, and what is true of them
solver            terms decided by z3, which is imported only where it is asked something:
    solved_numbers, solved_texts, term_names
witnesses         contexts made of what the solver has found:
    sample_values
"""
