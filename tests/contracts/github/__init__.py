"""The sandbox against what GitHub itself has published about its API."""
