"""Terms of other ontologies: what is known of one, its kind and its species."""
