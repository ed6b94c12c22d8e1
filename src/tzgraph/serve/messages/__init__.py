"""What requests and answers are made of: negotiation, problems, links, documents, entity tags."""
