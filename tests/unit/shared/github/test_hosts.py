"""The other doors of a GitHub follow from that of its REST API."""

import pytest

from shared.github import graphql_url, web_url


@pytest.mark.parametrize(
    ("api", "graphql", "web"),
    [
        (
            "https://api.github.com",
            "https://api.github.com/graphql",
            "https://github.com",
        ),
        (
            "https://github.acme.example/api/v3",
            "https://github.acme.example/api/graphql",
            "https://github.acme.example",
        ),
        (
            "https://github.acme.example:8443/api/v3/",
            "https://github.acme.example:8443/api/graphql",
            "https://github.acme.example:8443",
        ),
        (
            "https://api.acme.ghe.com",
            "https://api.acme.ghe.com/graphql",
            "https://acme.ghe.com",
        ),
        (
            "http://127.0.0.1:8090",
            "http://127.0.0.1:8090/graphql",
            "http://127.0.0.1:8090",
        ),
        (
            "https://api.example.com",
            "https://api.example.com/graphql",
            "https://api.example.com",
        ),
    ],
)
def test_the_doors_of(api: str, graphql: str, web: str) -> None:
    assert (graphql_url(api), web_url(api)) == (graphql, web)
