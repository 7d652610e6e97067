"""Run a command that ends when its parent does: `python die_with_parent.py PARENT_ID COMMAND...`.

A program of its own, because what sets the parent-death signal must run in the child: between fork and exec of a
process with threads nearly nothing is safe, after exec everything is. It turns into the command, so the id stays.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def main() -> None:
    """Ask for the signal, make sure that the parent still lives, become the command."""
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - no shell is what we want


if __name__ == "__main__":
    main()
