"""Where the command begins; `python -m gitploy` is the same.

Until all of it is loaded nothing has begun that Ctrl-C would have to end in order.
"""

import signal


def main() -> None:
    """Load it, then run it."""
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from gitploy.main import app  # noqa: PLC0415 - takes a moment

    signal.signal(signal.SIGINT, interrupted)
    app()


if __name__ == "__main__":
    main()
