import pytest

from gitploy.remotes import name_in


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/demo/shop.git", "demo/shop"),
        ("https://github.com/demo/shop", "demo/shop"),
        ("https://github.com/demo/shop/", "demo/shop"),
        ("https://me:secret@github.example.com:8443/demo/shop.git", "demo/shop"),
        ("git@github.com:demo/shop.git", "demo/shop"),
        ("org-42@ghes.example.com:demo/my.shop", "demo/my.shop"),
        ("github.com:demo/shop", "demo/shop"),
        ("ssh://git@ssh.github.com:443/demo/shop.git", "demo/shop"),
        ("git://github.com/demo/shop.git", "demo/shop"),
        ("/srv/git/shop.git", None),
        ("../shop", None),
        ("file:///srv/git/demo/shop.git", None),
        ("C:/git/shop.git", None),
        ("https://github.com/demo", None),
        ("https://gitlab.example/group/sub/shop.git", None),
        ("", None),
    ],
)
def test_a_remote_names_a_repository(url: str, name: str | None) -> None:
    assert name_in(url) == name
