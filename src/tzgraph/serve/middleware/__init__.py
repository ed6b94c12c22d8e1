"""ASGI layers around the routes: access, headers, compression, caches."""
