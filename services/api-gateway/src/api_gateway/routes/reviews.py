"""Reviews: who was asked, what they say, and sending what has its approvals."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from aiohttp import web

from api_gateway.application import Gateway
from api_gateway.domain.confirming import Confirmation
from api_gateway.domain.refusal import RefusedError
from api_gateway.domain.reviews import Opinion
from api_gateway.read_model.documents import Document
from shared.contracts import ConfirmationRefused
from shared.web import ApiError

from . import answers
from .answering import BASE, answer, refused
from .auth import person_of
from .bodies import ConfirmBody, ReviewBody
from .errors import STOPPED
from .intake import OPEN, is_answered, location_of, stopped
from .lookup import Lookup, not_found
from .operation import Need, Operation, Option
from .reading import full_name_of, wait_of


class Reviews:
    def __init__(self, gateway: Gateway, lookup: Lookup) -> None:
        self._gateway = gateway
        self._lookup = lookup

    async def list(self, request: web.Request) -> web.Response:
        """Everybody who was asked for a review, and the answers."""
        return answer(_reviews_of(await self._lookup.deployment(request)))

    async def mine(self, request: web.Request) -> web.Response:
        """The review that is wanted of whoever asks."""
        shown = await self._lookup.deployment(request)
        found = _review_of(shown, person_of(request).id)
        if found is None:
            who = person_of(request).login
            raise not_found(f"{who} is not asked to review #{shown['number']}")
        return answer(found)

    async def submit(self, request: web.Request, body: ReviewBody) -> web.Response:
        """Approve a deployment or reject it, or take that back."""
        before = await self._lookup.deployment(request)
        who, comment = person_of(request), body.comment or ""
        opinion = Opinion(
            review_id=uuid4(),
            reviewer=who,
            state=body.status,
            comment=comment,
            shown=body.shown,
            at=self._gateway.store.clock(),
        )
        deployment_id = UUID(before["uuid"])
        try:
            await self._gateway.review_deployment(deployment_id, opinion)
        except RefusedError as error:
            raise refused(error.refusal) from error

        def shows(shown: Document) -> bool:
            review = _review_of(shown, who.id) or {}
            said = review.get("status"), review.get("comment")
            return said == (body.status, comment)

        after = await self._lookup.outcome(deployment_id, shows, bool, 0)
        review = after and _review_of(after, who.id)
        told = {"status": body.status, "comment": comment, "user_id": who.id}
        return answer(review or told, 200 if review else 202)

    async def confirm(self, request: web.Request, body: ConfirmBody) -> web.Response:
        """Send a deployment that has its approvals."""
        before = await self._lookup.deployment(request)
        now = self._gateway.store.clock()
        confirmation = Confirmation(
            confirmation_id=uuid4(),
            by=person_of(request),
            shown=body.shown,
            override=body.overridden,
            at=now,
            not_after=now + self._gateway.limits.verdict,
        )
        deployment_id = UUID(before["uuid"])
        try:
            known, sent = await self._gateway.confirm_deployment(
                deployment_id, confirmation
            )
        except RefusedError as error:
            raise refused(error.refusal) from error
        nth = len(known.confirmations)
        after = await self._lookup.outcome(
            deployment_id,
            lambda shown: (shown["confirmation"] or {"nth": 0})["nth"] >= nth,
            is_answered,
            wait_of(request),
        )
        known = await self._gateway.deployments.get(deployment_id)
        told = known.refusals.get(sent.data.confirmation_id)
        return _sent(request, after or before, told.data if told else None)

    def operations(self) -> Sequence[Operation]:
        """What can be done with the resource."""
        one = f"{BASE}/deployments/{{number}}"
        return [
            Operation(
                "PUT",
                one,
                self.confirm,
                Need.WRITE,
                answers={200: answers.Deployment, 202: answers.Deployment},
                errors=[*STOPPED, "deployment_status_invalid", "deployment_conflict"],
                options=[Option.WAIT],
            ),
            Operation(
                "GET",
                f"{one}/reviews",
                self.list,
                Need.READ,
                answers={200: list[answers.Review]},
            ),
            Operation(
                "GET",
                f"{one}/review",
                self.mine,
                Need.READ,
                answers={200: answers.Review},
            ),
            Operation(
                "PATCH",
                f"{one}/review",
                self.submit,
                Need.READ,
                answers={200: answers.Review, 202: answers.ReviewGiven},
                errors=["deployment_status_invalid", "entity_unprocessable"],
            ),
        ]


def _reviews_of(shown: Document) -> Sequence[Document]:
    """Each with its deployment, as lists show that."""
    edges = {"user": shown["edges"]["user"], "repo": shown["edges"]["repo"]}
    listed = {**shown, "edges": {**edges, "reviews": []}}
    return [
        {**review, "edges": {**review["edges"], "deployment": listed}}
        for review in shown["edges"]["reviews"]
    ]


def _review_of(shown: Document, user_id: int) -> Document | None:
    reviews = _reviews_of(shown)
    return next((r for r in reviews if r["user_id"] == user_id), None)


def _sent(
    request: web.Request, shown: Document, refusal: ConfirmationRefused | None
) -> web.Response:
    location = location_of(full_name_of(request), shown["number"])
    if refusal:
        raise ApiError(
            422,
            refusal.code,
            refusal.message,
            headers={"Location": location},
            checks=[check.model_dump(mode="json") for check in refusal.checks],
            number=shown["number"],
            uuid=shown["uuid"],
            phase=shown["phase"],
        )
    if error := stopped(shown, location):
        raise error
    status = 202 if shown["phase"] in OPEN else 200
    return answer(shown, status, {"Location": location})
