"""The stream of an OpenAI-compatible chat server: bytes in, text pieces and the closing facts out.

Nothing here trusts the server: lines and the whole have a greatest length, and a stream that merely stops is a
failure, because half a sentence must not pass for a whole one. What a server sends never appears in a message.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.errors import ModelError

LONGEST_LINE = 65_536
LONGEST_STREAM = 8_388_608
"""Bytes. An event holds a word or two, an answer a few hundred of them; more is no answer."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What the server says at the end: why it stopped, tokens of the prompt and how many of them it reused."""

    reason: str
    prompt_tokens: int
    reused: int


def unreadable(why: str) -> ModelError:
    """The German line for a stream that is no stream."""
    return ModelError(
        f"Der Modellserver antwortet unverständlich ({why}). Erwartet wird ein OpenAI-kompatibler Server mit "
        "/chat/completions als Strom; „generator_url“ prüfen."
    )


async def lines(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Lines of a byte stream without their ends. Raises ModelError when a line or the whole is too long."""
    rest, total = b"", 0
    async for chunk in chunks:
        total += len(chunk)
        rest += chunk
        *whole, rest = rest.split(b"\n")
        if total > LONGEST_STREAM or len(rest) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in whole):
            raise unreadable("zu viele Daten")
        for line in whole:
            yield line.rstrip(b"\r")
    if rest:
        yield rest


async def pieces(chunks: AsyncIterator[bytes]) -> AsyncIterator[str | Closing]:
    """Text pieces, then one Closing. Raises ModelError if the stream cannot be read or ends before its end."""
    reason, usage = "", Closing("", 0, 0)
    async for line in lines(chunks):
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            reason = reason or "stop"
            break
        event = _event(data)
        usage = _usage(event) or usage
        text, ended = _choice(event)
        reason = ended or reason
        if text:
            yield text
    if not reason:
        raise ModelError("Der Modellserver hat die Antwort abgebrochen.")
    yield Closing(reason, usage.prompt_tokens, usage.reused)


def _event(data: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise unreadable("kein JSON") from None
    if not isinstance(event, dict):
        raise unreadable("kein Ereignis")
    if event.get("error"):
        raise ModelError("Der Modellserver meldet beim Schreiben einen Fehler; Näheres steht in seinem Protokoll.")
    return event


def _choice(event: Mapping[str, Any]) -> tuple[str, str]:
    """The text of an event and why it is the last one, both empty where there is none."""
    choices = event.get("choices")
    if not isinstance(choices, list) or not choices:
        return "", ""  # the event that only holds the usage
    choice = choices[0]
    delta = choice.get("delta") if isinstance(choice, dict) else None
    if not isinstance(delta, dict):
        raise unreadable("kein Text")
    text, reason = delta.get("content"), choice.get("finish_reason")
    if not isinstance(text, str | None) or not isinstance(reason, str | None):
        raise unreadable("kein Text")
    return text or "", reason or ""


def _usage(event: Mapping[str, Any]) -> Closing | None:
    """Servers differ in what they count; what is missing or no number counts as 0."""
    usage = event.get("usage")
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    reused = details.get("cached_tokens") if isinstance(details, dict) else 0
    tokens = usage.get("prompt_tokens")
    return Closing("", tokens if isinstance(tokens, int) else 0, reused if isinstance(reused, int) else 0)
