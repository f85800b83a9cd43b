"""The HTTP edge: routers that demand a permission, problems, limits, event streams."""
