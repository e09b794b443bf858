"""The findings of `check` for people.

definition_files  the definitions among files and in folders
told_findings     each finding in a few lines, and each file in one
excerpt           the lines of the file around a finding
explain           `--explain`: what there is to know of a kind of finding
"""
