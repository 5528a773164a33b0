"""script/server from outside: it starts everything, mends a dead child, stops every process, and says what is wrong."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EMBEDDED_ONLY = pytest.mark.skipif("DATABASE_URL" in os.environ, reason="the embedded mode, tested in the SQLite run")
pytestmark = EMBEDDED_ONLY
PRIVATE = ("TWR_", "DJANGO_", "PYTEST_", "REDIS_URL", "ALLOWED_HOSTS")


@pytest.fixture
def port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(*arguments):
    """Start script/server with a person's environment, not the test run's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
    return subprocess.Popen(
        [ROOT / "script/server", *map(str, arguments)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell's background job inherits INT as ignored, which bash could then never trap; a terminal does not.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def refusal(*arguments):
    """Return exit status and message of a start that must not happen."""
    process = start(*arguments)
    message = process.communicate(timeout=60)[1]
    return process.returncode, message


def processes():
    """Return the parents and the command lines of all processes, by process id."""
    parents, commands = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            commands[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (FileNotFoundError, ProcessLookupError):
            continue
    return parents, commands


def descendants(pid):
    """Return the command lines of all processes below one, by process id."""
    parents, commands = processes()
    found, front = {}, {pid}
    while front:
        front = {child for child, parent in parents.items() if parent in front}
        found |= {child: commands[child] for child in front}
    return found


def leaders(pid, word):
    """Return the direct children whose command line has a word."""
    # One look: between two, a worker that dies would make its own children seem direct ones.
    parents, commands = processes()
    return [child for child, parent in parents.items() if parent == pid and word in commands[child]]


def wait_for(condition, seconds=60):
    """Return the condition's first true value; fail after some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s")


def healthy(port):
    """Whether database, broker and worker all report well."""
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).status == 200
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name)
def test_server_mends_a_dead_worker_and_leaves_no_process_behind(tmp_path, port, ending):
    """Also when the script itself is killed without a chance to clean up."""
    server = start("--port", port, "--data", tmp_path / "data", "--no-demo")
    try:
        wait_for(lambda: healthy(port))
        (worker,) = leaders(server.pid, "celery")
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: [pid for pid in leaders(server.pid, "celery") if pid != worker])
        wait_for(lambda: healthy(port))
        below = descendants(server.pid)
        server.send_signal(ending)
        server.wait(timeout=40)
        wait_for(lambda: not [pid for pid in below if Path(f"/proc/{pid}").exists()], seconds=20)
    finally:
        for pid in [*descendants(server.pid), server.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        message = server.communicate()[1]
    assert "后台任务进程意外退出" in message
    assert not (tmp_path / "data/demo-accounts.tsv").exists()


def test_taken_port_is_refused_before_anything_is_prepared(tmp_path):
    """The message names the port and a free way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        status, message = refusal("--port", number, "--data", tmp_path / "data")
    assert status == 2
    assert f"端口 {number} 已被别的程序占用" in message
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "abc"], "端口号应为"),
        (["--port", "70000"], "端口号应为"),
        (["--port"], "--port 后面要写端口号"),
        (["--data", "/proc/no/such"], "不能写入数据目录 /proc/no/such"),
        (["--bogus"], "不认识的参数：--bogus"),
    ],
)
def test_wrong_argument_is_named(port, arguments, words):
    """Status 2 and one clear message."""
    if "--port" not in arguments:
        arguments = [*arguments, "--port", str(port)]
    status, message = refusal(*arguments)
    assert status == 2
    assert words in message
    assert "Traceback" not in message
