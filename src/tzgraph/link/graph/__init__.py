"""Links of the graph: its things, its mapping sets, and what may be linked to what."""
