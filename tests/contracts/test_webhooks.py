"""The webhooks that the dispatcher orders are those that status-sync lives on."""

from github_dispatcher.github.hooks import EVENTS
from shared.github.webhook_models import MODELS
from status_sync.domain.hooks import HookState
from status_sync.reconcile import hook_state
from status_sync.webhooks import HINTS, TAKEN


def test_what_is_ordered_is_what_is_read_and_nothing_else() -> None:
    assert set(EVENTS) == TAKEN | HINTS
    assert hook_state(active=True, events=EVENTS) is HookState.OK


def test_each_has_its_model() -> None:
    assert set(EVENTS) <= MODELS.keys()
