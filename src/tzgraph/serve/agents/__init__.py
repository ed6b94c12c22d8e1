"""The graph for agents: tools of the Model Context Protocol (https://modelcontextprotocol.io)."""
