"""The sandbox over a real git repository, over HTTP."""
