"""`python -m broker`."""

from __future__ import annotations

from broker.cli import main

if __name__ == "__main__":
    main()
