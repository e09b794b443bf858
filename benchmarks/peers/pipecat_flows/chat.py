"""The form as a Pipecat flow: a node for each question, functions that save and move on, a pipeline of text alone."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from pipecat.flows import TRANSITION_IN_YAML, Flow, FlowConfig, FlowManager
from pipecat.frames.frames import Frame, LLMFullResponseEndFrame, LLMMessagesAppendFrame, LLMTextFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.workers.runner import WorkerRunner

KEYS = ("name", "email", "birthdate")


async def save(
    flow_manager: FlowManager, name: str | None = None, email: str | None = None, birthdate: str | None = None
) -> tuple[Any, Any]:
    """Save what the user has told or corrected; leave out the rest.

    Args:
        name: The user's full name.
        email: The user's e-mail address.
        birthdate: The user's date of birth, as YYYY-MM-DD.
    """
    given = {key: value for key, value in zip(KEYS, (name, email, birthdate), strict=True) if value}
    flow_manager.state.update(given)
    missing = next((key for key in KEYS if key not in flow_manager.state), "summary")
    stays = missing == flow_manager.current_node != "summary"
    return {"saved": list(given), "next": "" if stays else missing}, TRANSITION_IN_YAML


FLOW = Flow(FlowConfig.from_file(Path(__file__).parent / "flow.yaml"), handlers=sys.modules[__name__])


class Screen(FrameProcessor):
    """Shows the text that leaves the model."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: asyncio.Queue[str | None] = asyncio.Queue()
        self._has_text = False

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass every frame on."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMTextFrame):
            self._has_text = True
            self.shown.put_nowait(frame.text)
        await self.push_frame(frame, direction)
        if isinstance(frame, LLMFullResponseEndFrame) and self._has_text:
            self._has_text = False
            self.shown.put_nowait(None)


class Chat:
    """One conversation."""

    def __init__(self) -> None:
        llm = OpenAILLMService(settings=OpenAILLMService.Settings(model="gpt-4o-mini"))
        aggregators = LLMContextAggregatorPair(LLMContext())
        self._screen = Screen()
        self._worker = PipelineWorker(Pipeline([aggregators.user(), llm, self._screen, aggregators.assistant()]))
        self._flow = FlowManager(
            worker=self._worker, llm=llm, context_aggregator=aggregators, global_functions=FLOW.global_functions
        )
        self._runner = WorkerRunner(handle_sigint=False)

    async def say(self, text: str) -> AsyncIterator[str]:
        """Take what the user says, and yield the answer piece by piece."""
        if text:
            message = {"role": "user", "content": text}
            await self._worker.queue_frame(LLMMessagesAppendFrame(messages=[message], run_llm=True))
        else:
            await self._runner.add_workers(self._worker)
            self._running = asyncio.create_task(self._runner.run())
            await self._flow.initialize(FLOW.initial_node)
        while (piece := await self._screen.shown.get()) is not None:
            yield piece

    async def data(self) -> dict[str, Any]:
        """Return what is known."""
        return dict(self._flow.state)

    async def close(self) -> None:
        """End the pipeline."""
        await self._runner.cancel()
        await self._running
