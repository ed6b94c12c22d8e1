"""Pages as HTML, from terms and rows; no request is known here."""
