"""The forms in which `check` hands over what it found, but for the one that people read in a terminal.

checked_file        one file examined: the definition, the findings, and the lines of its text
told_once           a finding of a file that several run is told with one
report_document     JSON, with a published schema
sarif               SARIF 2.1.0, which GitHub's code scanning and editors read
github_annotations  GitHub's annotations of the lines of a pull request
told_witness        a context that shows a finding, in words
codes_page          the table of codes as Markdown: `docs/problems.md`, and `check --explain`
"""
