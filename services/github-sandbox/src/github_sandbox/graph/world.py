"""What every node may lead to, so that the files here need not import each other."""

from collections.abc import Callable
from dataclasses import dataclass

from github_sandbox.git import Git
from github_sandbox.graph.connections import Node
from github_sandbox.sandbox import Call
from github_sandbox.shapes import Links, user
from github_sandbox.store import Store


@dataclass(frozen=True)
class Graph:
    call: Call
    repository: Callable[["Graph"], Node]
    ref: Callable[["Graph", str], Node | None]
    object: Callable[["Graph", str], Node | None]

    @property
    def git(self) -> Git:
        return self.call.git

    @property
    def store(self) -> Store:
        return self.call.store

    @property
    def links(self) -> Links:
        return self.call.links

    def actor(self, login: str) -> Node:
        told = user(self.links, login)
        return {
            "__typename": told["type"],
            "id": told["node_id"],
            "databaseId": told["id"],
            "login": login,
            "name": login,
            "url": told["html_url"],
            "avatarUrl": lambda _, **__: told["avatar_url"],
        }
