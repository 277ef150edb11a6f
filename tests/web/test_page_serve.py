"""Starting and stopping: the port, the printed address, an assistant that cannot be loaded."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from page_fake import DAY, FakeAssistant

from assistant.errors import LeitplankeError, NoIndex
from assistant.web.serve import WARM_UP, address_of, listen, serve, warmed

START = """
import sys
sys.path.insert(0, {tests!r})
from page_fake import DAY, FakeAssistant
from assistant.web.serve import serve
serve(FakeAssistant, host="127.0.0.1", port=0, today=lambda: DAY)
"""


def test_a_port_in_use_is_one_german_line_saying_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LeitplankeError) as caught:
            serve(FakeAssistant, host="127.0.0.1", port=port, today=lambda: DAY)
    line = str(caught.value)
    assert f"Port {port} auf 127.0.0.1 ist schon belegt" in line
    assert f"--port {port + 1 if port < 65535 else 7860}" in line
    assert "\n" not in line


@pytest.mark.parametrize(("host", "port"), [("gibt.es.nicht.invalid", 7860), ("127.0.0.1", 70000), ("203.0.113.1", 0)])
def test_an_unusable_address_is_one_german_line(host: str, port: int) -> None:
    with pytest.raises(LeitplankeError, match="nicht verwendbar") as caught:
        listen(host, port)
    assert "\n" not in str(caught.value)


def test_the_first_question_of_a_clerk_is_not_the_first_of_the_assistant() -> None:
    api = FakeAssistant()
    assert warmed(api, DAY) is api
    assert [question.text for question, _ in api.seen] == [WARM_UP]
    assert api.warmed.wait(5), "the model is loaded in the background"


def test_the_address_can_be_opened_on_this_machine() -> None:
    listener = listen("0.0.0.0", 0)  # noqa: S104 - the case under test
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", address_of(listener))
    finally:
        listener.close()


def test_an_assistant_that_cannot_be_loaded_stops_the_server_with_its_own_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> FakeAssistant:
        raise NoIndex("Es gibt keinen Index. Mit „leitplanke index build“ bauen.")

    with pytest.raises(NoIndex, match="index build"):
        serve(broken, host="127.0.0.1", port=0, today=lambda: DAY)
    assert "Leitplanke läuft: http://127.0.0.1:" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Strg+C lässt sich dort nicht senden")
def test_it_prints_its_address_serves_and_ends_quietly_on_interrupt() -> None:
    root = Path(__file__).resolve().parents[2]
    code = START.format(tests=str(Path(__file__).parent))
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.split()[2]
        with urlopen(address, timeout=20) as response:
            assert response.status == 200
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "Traceback" not in errors
    finally:
        process.kill()
        process.communicate()
