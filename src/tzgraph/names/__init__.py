"""Names of things: one index of a release, and one resolver of what people write."""
