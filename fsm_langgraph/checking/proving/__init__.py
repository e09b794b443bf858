"""Guards as formulas: what a context can be, and whether one exists that opens some guards and closes others.

`prover.py` has the interface that the checks use; z3 is imported only where one is asked something.
"""
