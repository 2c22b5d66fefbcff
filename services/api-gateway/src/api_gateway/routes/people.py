"""Users and permissions as documents."""

from api_gateway.accounts import Account, Shared, Token
from api_gateway.domain.access import AccessRules
from api_gateway.read_model.documents import Document, rfc3339, user_document
from shared.contracts import Person


def account_document(account: Account, rules: AccessRules) -> Document:
    """Somebody who was here, or was looked up."""
    person = Person(id=account.id, login=account.login)
    return user_document(person) | {
        "avatar": account.avatar,
        "admin": account.admin or rules.name_admin(account.login, account.id),
        "expiry": rfc3339(account.github_until),
        "created_at": rfc3339(account.created_at),
        "updated_at": rfc3339(account.updated_at),
    }


def permission_document(
    shared: Shared, rules: AccessRules, repository: Document
) -> Document:
    """What somebody may do in a repository."""
    return {
        "id": shared.id,
        "repo_perm": shared.permission.value,
        "synced_at": rfc3339(shared.synced_at),
        "created_at": rfc3339(shared.created_at),
        "updated_at": rfc3339(shared.updated_at),
        "user_id": shared.account.id,
        "repo_id": shared.repo_id,
        "edges": {
            "user": account_document(shared.account, rules),
            "repo": repository,
        },
    }


def token_document(token: Token) -> Document:
    """A personal API token, without itself."""
    return {
        "id": token.id,
        "name": token.name,
        "scope": token.scope,
        "repository": token.repository,
        "created_at": rfc3339(token.created_at),
        "expires_at": token.expires_at and rfc3339(token.expires_at),
        "last_used_at": token.last_used_at and rfc3339(token.last_used_at),
    }
