"""The command line: `fsm-langgraph run` and all that is done with definitions and conversations in a terminal.

    app ──┬─ run ── session ── trace     hold a conversation in the terminal
          ├─ test                        hold the conversations that definitions are tested with
          ├─ coverage                    tell what they have covered
          ├─ check ── findings/          tell what is wrong, or may be, with definitions and handlers
          ├─ draw                        draw a definition
          ├─ dev ── serving              serve definitions to LangGraph Studio
          ├─ mcp                         serve definitions to MCP clients
          ├─ schema                      print the JSON Schemas of definitions, scenarios and findings
          ├─ migrate                     bring stored conversations over to a changed definition
          └─ conversations/              see and keep what a database of conversations holds

Each command imports what it needs when it runs, so that `--help` answers at once. All of them exit with 0;
with 1 where something did not work, which includes a definition that has problems or cannot be read; and
with 2 where the command line itself is wrong.
"""

from fsm_langgraph.cli.app import app

__all__ = ["app"]
