"""Where GitHub is, as the settings say it."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from shared.service import GitHubSettings, load

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = ec.generate_private_key(ec.SECP256R1())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    told = key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    return told.decode()


def told(monkeypatch: pytest.MonkeyPatch, **settings: str) -> GitHubSettings:
    for name, value in ({"TOKEN": "t"} | settings).items():
        monkeypatch.setenv(f"GITPLOY_GITHUB_{name}", value)
    return GitHubSettings()


def test_github_com_unless_told(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch)
    assert settings.github_api_url == "https://api.github.com"
    assert settings.github_graphql_url == "https://api.github.com/graphql"
    assert settings.github_web_url == "https://github.com"


def test_the_other_doors_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch, API_URL="https://github.acme.example/api/v3/")
    assert settings.github_graphql_url == "https://github.acme.example/api/graphql"
    assert settings.github_web_url == "https://github.acme.example"


def test_what_is_told_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = told(monkeypatch, WEB_URL="https://web.example/")
    assert settings.github_web_url == "https://web.example"


def test_a_wrong_address_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="http") as raised:
        told(monkeypatch, API_URL="github.com")
    assert "github_api_url" in str(raised.value)


@pytest.mark.parametrize("written", [pem(KEY), pem(KEY).replace("\n", "\\n")])
def test_an_app_speaks_instead_of_a_token(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    app = {"APP_CLIENT_ID": "Iv23", "APP_PRIVATE_KEY": written}
    settings = told(monkeypatch, TOKEN="", **app)
    assert settings.is_app
    assert settings.github_app_private_key is not None
    assert settings.github_app_private_key.get_secret_value() == pem(KEY)
    assert "PRIVATE KEY" not in repr(settings)
    assert not told(monkeypatch, APP_CLIENT_ID="", APP_PRIVATE_KEY="").is_app


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (
            {"TOKEN": ""},
            (
                "GITPLOY_GITHUB_TOKEN is not set, nor are GITPLOY_GITHUB_APP_CLIENT_ID "
                "and GITPLOY_GITHUB_APP_PRIVATE_KEY"
            ),
        ),
        (
            {"APP_CLIENT_ID": "Iv23", "APP_PRIVATE_KEY": pem(KEY)},
            (
                "GITPLOY_GITHUB_TOKEN and GITPLOY_GITHUB_APP_CLIENT_ID are both set: "
                "Gitploy speaks as one of the two"
            ),
        ),
        (
            {"TOKEN": "", "APP_CLIENT_ID": "Iv23"},
            "GITPLOY_GITHUB_APP_PRIVATE_KEY is not set",
        ),
        (
            {"TOKEN": "", "APP_PRIVATE_KEY": pem(KEY)},
            "GITPLOY_GITHUB_APP_CLIENT_ID is not set",
        ),
        *(
            (
                {"TOKEN": "", "APP_CLIENT_ID": "Iv23", "APP_PRIVATE_KEY": wrong},
                (
                    "GITPLOY_GITHUB_APP_PRIVATE_KEY: it is no RSA private key in PEM, "
                    "as GitHub gives it out"
                ),
            )
            for wrong in ("secret", pem(OTHER), pem(KEY)[:400])
        ),
    ],
)
def test_who_speaks_is_told_once_and_completely(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    line: str,
) -> None:
    for name, value in ({"TOKEN": "t"} | settings).items():
        monkeypatch.setenv(f"GITPLOY_GITHUB_{name}", value)
    with pytest.raises(SystemExit):
        load(GitHubSettings)
    assert capsys.readouterr().err == line + "\n"
