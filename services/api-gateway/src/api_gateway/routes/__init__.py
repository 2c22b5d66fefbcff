"""The HTTP API: one file per resource, all routes of a resource at its foot."""
