"""The command line: `fsm-langgraph run`, `dev`, `mcp`, `check`, `draw`, `schema`, `test`.

    app ──┬─ run ── session ── trace     hold a conversation in the terminal
          ├─ dev ── serving              serve definitions to LangGraph Studio
          ├─ mcp                         serve definitions to MCP clients
          ├─ check                       tell every problem in definitions and handlers
          ├─ draw                        draw a definition
          ├─ schema                      print the JSON Schema of definitions, or of scenarios
          └─ test                        hold the conversations that definitions are tested with

Each command imports what it needs when it runs, so that `--help` answers at once. All of them exit with 0;
with 1 where something did not work, which includes a definition that has problems or cannot be read; and
with 2 where the command line itself is wrong.
"""

from fsm_langgraph.cli.app import app

__all__ = ["app"]
