"""Many people at the page at once, without browsers: they speak with Gradio's queue over HTTP as its page does."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import httpx

PATIENCE = 120.0
"""Seconds after which a client gives up; a page that takes so long hangs."""
_CONFIG = re.compile(r"window\.gradio_config = (\{.*?\});?</script>", re.DOTALL)
_WORD = re.compile(r'class=\\?"lp-wort[^>]*>(?:<svg.*?</svg>|<[^>]+>)*\s*([^<\\]+)', re.DOTALL)
_names = count(1)


@dataclass(frozen=True)
class Told:
    """What a client was told: the outcome's word as on the page ("" if none came), and after how many seconds."""

    word: str
    seconds: float


def event_of(base: str) -> int:
    """The number of the event that sends a question, as the start page says it."""
    page = httpx.get(base, timeout=PATIENCE).text
    found = _CONFIG.search(page)
    assert found, "the start page says nothing about its events"
    config = json.loads(found[1])
    box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "frage")
    return next(int(d["id"]) for d in config["dependencies"] if [box, "submit"] in d["targets"] and d["backend_fn"])


async def ask(client: httpx.AsyncClient, event: int, question: str) -> Told:
    """One question in a session of its own, which is left afterwards as a closed window leaves it."""
    session = f"probe{next(_names):06d}"
    heartbeat = asyncio.create_task(_stay(client, session))
    started = time.monotonic()
    try:
        body = {"data": [question, None], "fn_index": event, "session_hash": session, "trigger_id": None, "event_data": None}
        joined = await client.post("gradio_api/queue/join", json=body)
        joined.raise_for_status()
        async with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
            async for line in stream.aiter_lines():
                if found := _WORD.search(line):
                    return Told(found[1].strip(), time.monotonic() - started)
                if '"msg":"close_stream"' in line:
                    break
        return Told("", time.monotonic() - started)
    finally:
        heartbeat.cancel()
        await asyncio.gather(heartbeat, return_exceptions=True)


async def _stay(client: httpx.AsyncClient, session: str) -> None:
    """The connection by which Gradio knows that a window is open."""
    async with client.stream("GET", f"gradio_api/heartbeat/{session}") as stream:
        async for _ in stream.aiter_lines():
            pass


def ask_at_once(base: str, questions: Sequence[str]) -> list[Told]:
    """All ``questions`` at the same moment, each by somebody else."""
    return asyncio.run(_all(base, event_of(base), questions, len(questions)))


def ask_in_turn(base: str, questions: Sequence[str], together: int = 4) -> list[Told]:
    """All ``questions``, ``together`` at a time."""
    return asyncio.run(_all(base, event_of(base), questions, together))


async def _all(base: str, event: int, questions: Sequence[str], together: int) -> list[Told]:
    places = asyncio.Semaphore(together)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE, limits=limits, trust_env=False) as client:

        async def one(question: str) -> Told:
            async with places:
                return await ask(client, event, question)

        return list(await asyncio.gather(*map(one, questions)))
