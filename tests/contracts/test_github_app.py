"""What docs/github-app.md has an admin register is what the services need."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from github_dispatcher.github import NEEDS
from gitploy.doctoring import app as doctor
from shared.github import READING
from shared.github.coverage import NEEDED
from status_sync.webhooks import HINTS, TAKEN

DOCUMENT = Path(__file__).parents[2] / "docs/github-app.md"
REGISTER = "https://github.com/organizations/ORGANIZATION/settings/apps/new?"
CALLBACK = "/signin"


def registration() -> dict[str, list[str]]:
    lines = DOCUMENT.read_text().splitlines()
    (address,) = [line for line in lines if line.startswith(REGISTER)]
    return parse_qs(urlsplit(address).query)


def test_the_rights_are_those_that_the_services_ask_for() -> None:
    asked = registration()
    rights = {name: asked[name][0] for name in READING.keys() | NEEDS.keys()}
    assert rights == dict(READING) | NEEDS
    assert rights.items() >= NEEDED.items()
    others = {"name", "url", "callback_urls[]", "public", "events[]"}
    assert asked.keys() - rights.keys() - others == {"webhook_active", "webhook_url"}


def test_the_events_are_those_that_are_taken() -> None:
    # Of the App's own webhook `meta` would tell that the App is gone.
    assert set(registration()["events[]"]) == TAKEN | HINTS - {"meta"}


def test_the_doctor_misses_what_is_not_registered() -> None:
    assert dict(READING) | NEEDS == doctor.RIGHTS
    assert TAKEN | HINTS - {"meta"} == doctor.EVENTS


def test_people_come_back_to_the_sign_in() -> None:
    (callback,) = registration()["callback_urls[]"]
    assert urlsplit(callback).path == CALLBACK
