"""Pictures that are made of the graph: SVG with links, each beside the table it is made of."""
