"""What is kept in an environment's stream and said to nobody else."""

from uuid import UUID

from shared.contracts import Fact, Holder, Person, Ref, Sha


class SlotGranted(Fact):
    """This deployment may run here until its slot ends."""

    deployment_id: UUID
    number: int
    ref: Ref
    requested_by: Person
    sha: Sha | None = None


class SlotRefused(Fact):
    """Something here kept this deployment out, and it never gets a place."""

    deployment_id: UUID
    number: int
    #: The API's error code.
    code: str = "deployment_serialization"
    #: Who has the place, if that is why.
    holder: Holder | None = None


class SlotEnded(Fact):
    """This deployment is over: its place is free, and it never gets another."""

    deployment_id: UUID
