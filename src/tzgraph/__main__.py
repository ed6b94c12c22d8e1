"""``python -m tzgraph`` is ``tzgraph``."""

from tzgraph.cli.main import main

if __name__ == "__main__":
    main()
