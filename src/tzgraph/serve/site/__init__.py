"""Routes of documents and pages: things, ontology, query library, explanations, VoID, health."""
