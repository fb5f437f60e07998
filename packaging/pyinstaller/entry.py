"""Where the bundle begins: as ``python -m cnnstudio``."""

import os
import sys

# The loader has the libraries of the bundle by now; the system's own programs, such as a browser, must not get them.
if (before := os.environ.pop("LD_LIBRARY_PATH_ORIG", None)) is not None:
    os.environ["LD_LIBRARY_PATH"] = before
elif getattr(sys, "frozen", False):
    os.environ.pop("LD_LIBRARY_PATH", None)

# Child processes of ours are this program again: their loader is to find the libraries for itself, not to trust in what
# was set for us.
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"

from cnnstudio.__main__ import main

sys.exit(main())
