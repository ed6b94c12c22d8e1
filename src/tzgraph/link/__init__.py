"""Links to external ontologies: reading them, checking and suggesting links, importing parts."""
