"""The examples as graphs, for the LangGraph server: `langgraph.json` names them."""

from pathlib import Path

from fsm_langgraph import compile_fsm

HERE = Path(__file__).parent

assistant = compile_fsm(HERE / "assistant/fsm.yaml", handlers="beside")
coach = compile_fsm(HERE / "coach/fsm.yaml")
multi_hop = compile_fsm(HERE / "multi_hop/fsm.yaml", handlers="beside")
order_desk = compile_fsm(HERE / "order_desk/fsm.json", handlers="beside")
personal_information = compile_fsm(HERE / "personal_information/fsm.json")
router_help = compile_fsm(HERE / "router_help/fsm.json")
support = compile_fsm(HERE / "support/fsm.json")
triage = compile_fsm(HERE / "triage/fsm.json", handlers="beside")
tutor = compile_fsm(HERE / "tutor/fsm.yaml", handlers="beside")
