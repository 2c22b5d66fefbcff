import errno
import ssl

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from shared.connections import proxy_of, why

PROXY = "http://proxy.example:3128"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("https_proxy", PROXY)
    monkeypatch.setenv("http_proxy", PROXY)


def test_whoever_is_outside_is_behind_the_proxy() -> None:
    assert proxy_of("https://api.github.com") == PROXY


@pytest.mark.parametrize(
    "url", ["http://localhost:1", "http://127.0.0.1:8080", "http://[::1]:8080"]
)
def test_what_runs_here_is_not(url: str) -> None:
    assert proxy_of(url) is None


def test_nor_is_who_is_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", ".corp.example")
    assert proxy_of("https://github.corp.example/api/v3") is None
    assert proxy_of("https://api.github.com") == PROXY


def test_without_one_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("https_proxy")
    assert proxy_of("https://api.github.com") is None


TO = ConnectionKey("github.example", 443, True, True, None, None, None)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            aiohttp.ClientConnectorError(TO, OSError(errno.ECONNREFUSED, "x")),
            "connection refused",
        ),
        (
            aiohttp.ClientConnectorDNSError(TO, OSError(-2, "x")),
            "github.example is not known",
        ),
        (
            aiohttp.ClientConnectorSSLError(TO, ssl.SSLError(1, "wrong version")),
            "wrong version",
        ),
        (
            aiohttp.ClientProxyConnectionError(TO, OSError(errno.ECONNREFUSED, "x")),
            "the proxy github.example:443 can't be reached",
        ),
        (aiohttp.ConnectionTimeoutError(), "it took too long"),
        (aiohttp.ServerDisconnectedError(""), "the connection was lost"),
    ],
)
def test_why_there_is_no_connection(error: Exception, said: str) -> None:
    assert why(error) == said
