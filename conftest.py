"""Scenarios are tests here, as in every project: by the plugin's entry point, or by name where none is installed.

An environment in which the package was installed before it had the plugin does not know the entry point.
"""

from importlib.metadata import entry_points

pytest_plugins = [] if entry_points(group="pytest11", name="fsm-langgraph") else ["fsm_langgraph.testing.pytest_plugin"]
