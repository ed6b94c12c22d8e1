"""Write an audit down: as text, Markdown, HTML, JSON or CSV."""
