"""The page on which somebody chooses who they are."""

from html import escape
from urllib.parse import urlencode

from github_sandbox.records import Person

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in to the sandbox</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto;
  padding: 0 1rem; color-scheme: light dark; }}
a {{ display: block; padding: .5rem .8rem; margin: .5rem 0; border: 1px solid;
  border-radius: .4rem; text-decoration: none; }}
</style>
<h1>Who are you?</h1>
<p>This is a stand-in for GitHub: no password is asked for. The application gets
{scope}.</p>
{people}
<p>{cancel}</p>
"""


def page(path: str, asked: dict[str, str], people: list[Person]) -> str:
    scope = asked.get("scope", "")
    links = (
        _link(path, {**asked, "login": one.login}, f"{one.login} ({one.role})")
        for one in people
    )
    return _PAGE.format(
        scope=f"the scopes <code>{escape(scope)}</code>" if scope else "no scopes",
        people="\n".join(links),
        cancel=_link(path, {**asked, "cancel": "1"}, "Cancel"),
    )


def _link(path: str, query: dict[str, str], text: str) -> str:
    there = escape(f"{path}?{urlencode(query)}")
    return f'<a href="{there}">{escape(text)}</a>'
