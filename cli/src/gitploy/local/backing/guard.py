"""Runs one server and ends it when the parent ends, however the parent ended.

`python guard.py OPTIONS -- COMMAND…` is started with a pipe as its standard input. The
kernel closes the pipe's other end when the parent is gone, also after `kill -9`, and
then the server is asked to stop. The word `kill` in the pipe ends it without asking.
Guard and server live in sessions of their own, so that neither Ctrl-C nor a signal to
the parent's process group reaches them.

What the guard inherits, its parent's lock on the directory, the server inherits too.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading

KILL = b"kill"


def main() -> int:
    options = parse(sys.argv[1:])
    server = subprocess.Popen(  # noqa: S603 - the parent's own command
        options.command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        close_fds=False,
    )
    threading.Thread(
        target=end_with_parent, args=(server, options), daemon=True
    ).start()
    code = server.wait()
    if options.afterwards:
        subprocess.run(options.afterwards.split(), check=False)  # noqa: S603 - likewise
    return code


def end_with_parent(
    server: subprocess.Popen[bytes], options: argparse.Namespace
) -> None:
    word = read_to_end()
    if word == KILL:
        send(server, options.kill_signal)
        return
    send(server, options.stop_signal)
    try:
        server.wait(options.grace)
    except subprocess.TimeoutExpired:
        send(server, signal.SIGKILL)


def read_to_end() -> bytes:
    # Not through sys.stdin: its lock, held by this thread, would crash the exit.
    told = b""
    while part := os.read(0, 16):
        told += part
    return told


def send(server: subprocess.Popen[bytes], number: int) -> None:
    # To its group: a start script in front of the server must not be all that ends.
    if server.poll() is None:
        os.killpg(server.pid, number)


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="guard")
    parser.add_argument("--stop-signal", type=int, default=signal.SIGTERM)
    parser.add_argument("--kill-signal", type=int, default=signal.SIGKILL)
    parser.add_argument("--grace", type=float, default=30.0)
    parser.add_argument("--afterwards", default="")
    parser.add_argument("command", nargs="+")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
