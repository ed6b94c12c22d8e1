"""The release that is served, its states, and the switch from one to the next."""
