"""The command line, as `python -m fsm_langgraph`."""

from fsm_langgraph.cli import app

if __name__ == "__main__":
    app()
