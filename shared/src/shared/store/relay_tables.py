"""The relay's tables: its position, what it passed over, and what operators did."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

METADATA = MetaData()
POSITIONS = Table(
    "relay_position",
    METADATA,
    Column("service", String(64), primary_key=True),
    Column("position", BigInteger, nullable=False),
)
#: Events that the broker itself refuses: shown, passed over, never forgotten.
PARKED = Table(
    "relay_parked",
    METADATA,
    Column("position", BigInteger, primary_key=True),
    Column("message_id", String(64), nullable=False),
    Column("kind", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
#: What people have done to this service's messages by hand.
ACTIONS = Table(
    "operator_actions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("who", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    #: What is needed to understand it, or to undo it: JSON.
    Column("details", Text, nullable=False),
)
