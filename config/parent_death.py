"""Programs that end when the program that started them ends, even by ``kill -9``.

Linux does it: each process may ask for a signal at its parent's death. Elsewhere these
functions do nothing, and a killed supervisor leaves its programs running.

Run as a script, this module asks for SIGTERM on behalf of the command that follows:
``parent_death.py PARENT_ID COMMAND…``.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Let this process receive SIGTERM when ``parent``, which started it, dies or has died."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        os.kill(os.getpid(), signal.SIGTERM)


def command_ending_with_us(*command: str) -> list[str]:
    """The command line that runs ``command`` for no longer than this process lives."""
    # -P: the folder of this file must not hide modules of the standard library.
    return [sys.executable, "-P", __file__, str(os.getpid()), *command]


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606 - the supervisor chose the command
