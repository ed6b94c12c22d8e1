"""Names as people write them, and when two mean the same."""
