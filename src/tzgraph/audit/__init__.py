"""Hold what documents claim against what primary sources report."""
