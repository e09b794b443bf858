"""Loads the whole package, for tests of projects that pytest runs in this process.

Of what such a project is the first to load pytest forgets the modules. Loaded once more, their classes would be others
than those that the rest of the process has.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import walk_packages

import fsm_langgraph

for module in walk_packages(fsm_langgraph.__path__, "fsm_langgraph."):
    if not module.name.endswith("__main__"):
        import_module(module.name)
