"""Repository webhooks, what was delivered to them, and trying again."""

from typing import Any

import orjson

from github_sandbox import shapes, webhooks
from github_sandbox.bodies import Field, read_body
from github_sandbox.clock import now
from github_sandbox.errors import not_found, validation_failed
from github_sandbox.paging import cursor_page_of, page_of
from github_sandbox.records import Delivery, Hook
from github_sandbox.sandbox import Answer, Call
from github_sandbox.shapes import hooks as told

_FIELDS = {
    "name": Field(nullable=True),
    "config": Field((dict,)),
    "events": Field((list,)),
    "active": Field((bool,)),
    "add_events": Field((list,)),
    "remove_events": Field((list,)),
}
_TYPES = ("json", "form")


async def create(call: Call) -> Answer:
    body = read_body(call.raw_body, "Hook", _FIELDS)
    at = now()
    fresh = Hook(
        id=call.store.next_id(),
        url="",
        content_type="form",
        secret="",
        insecure_ssl="0",
        events=["push"],
        active=True,
        created_at=at,
        updated_at=at,
    )
    hook = _changed(call, fresh, body)
    call.store.hooks.put(hook)
    webhooks.ping(call, hook)
    shaped = shapes.hook(call.links, hook, None)
    return Answer(shaped, 201, {"Location": shaped["url"]})


async def list_hooks(call: Call) -> Answer:
    page, links = page_of(call, [one for one in call.store.hooks if not one.of_app])
    return Answer([_shaped(call, hook) for hook in page], headers=links)


async def show(call: Call) -> Answer:
    return Answer(_shaped(call, _hook_of(call)))


async def update(call: Call) -> Answer:
    hook = _hook_of(call)
    body = read_body(call.raw_body, "Hook", _FIELDS)
    return Answer(_shaped(call, call.store.hooks.put(_changed(call, hook, body))))


async def delete(call: Call) -> Answer:
    hook = _hook_of(call)
    for delivery in call.store.deliveries.of(hook.id):
        call.store.deliveries.delete(delivery)
    call.store.hooks.delete(hook)
    return Answer(status=204)


async def ping(call: Call) -> Answer:
    webhooks.ping(call, _hook_of(call))
    return Answer(status=204)


async def list_deliveries(call: Call) -> Answer:
    return deliveries_of(call, _hook_of(call))


async def show_delivery(call: Call) -> Answer:
    return await delivery_in_full(call, delivery_of(call, _hook_of(call)))


async def redeliver(call: Call) -> Answer:
    hook = _hook_of(call)
    return attempt(call, hook, delivery_of(call, hook))


def deliveries_of(call: Call, hook: Hook) -> Answer:
    wanted = call.query.get("status")
    tried = [
        one
        for one in call.store.deliveries.of(hook.id)
        if not one.pending
        and (wanted is None or (wanted == "success") == (one.status == "OK"))
    ]
    page, links = cursor_page_of(call, tried[::-1])
    return Answer([told.delivery(one) for one in page], headers=links)


async def delivery_in_full(call: Call, delivery: Delivery) -> Answer:
    payload = orjson.loads(await call.store.body(delivery.content))
    return Answer(told.delivery_in_full(delivery, payload))


def attempt(call: Call, hook: Hook, delivery: Delivery) -> Answer:
    call.caused.append(webhooks.redeliver(call, hook, delivery))
    return Answer({}, 202)


def delivery_of(call: Call, hook: Hook) -> Delivery:
    """The delivery that the path names, if it is of this hook."""
    delivery = call.store.deliveries.get(int(call.where["delivery_id"]))
    if delivery is None or delivery.hook_id != hook.id:
        raise not_found()
    return delivery


def _hook_of(call: Call) -> Hook:
    hook = call.store.hooks.get(int(call.where["hook_id"]))
    if hook is None or hook.of_app:
        raise not_found()
    return hook


def _shaped(call: Call, hook: Hook) -> dict[str, Any]:
    tried = [one for one in call.store.deliveries.of(hook.id) if not one.pending]
    return shapes.hook(call.links, hook, tried[-1] if tried else None)


def _changed(call: Call, hook: Hook, body: dict[str, Any]) -> Hook:
    events = set(body.get("events", hook.events))
    events |= set(body.get("add_events", ()))
    events -= set(body.get("remove_events", ()))
    config = body.get("config")
    if config is None:
        config = told.hook_config(hook) | {"secret": hook.secret}
    changed = Hook(
        id=hook.id,
        url=str(config.get("url", "")),
        content_type=str(config.get("content_type", "form")),
        secret=str(config.get("secret", "")),
        insecure_ssl=str(config.get("insecure_ssl", "0")),
        events=sorted(events),
        active=body.get("active", hook.active),
        created_at=hook.created_at,
        updated_at=now(),
    )
    _check(call, changed)
    return changed


def _check(call: Call, hook: Hook) -> None:
    if not hook.url.startswith(("http://", "https://")):
        why = "url is missing" if not hook.url else "url must use http(s) scheme"
        raise validation_failed("Hook", "url", why)
    if hook.content_type not in _TYPES:
        raise validation_failed("Hook", "content_type", "is not json or form")
    unknown = sorted(set(hook.events) - webhooks.EVENTS)
    if unknown:
        raise validation_failed("Hook", "events", f"unknown: {', '.join(unknown)}")
    same = (hook.url, hook.content_type)
    for other in call.store.hooks:
        if other.of_app:
            continue
        if other.id != hook.id and (other.url, other.content_type) == same:
            raise validation_failed(
                "Hook", None, "Hook already exists on this repository"
            )
