"""Files given to a command, and what they say together."""
