"""The message store on CQL, and its adapters of several ports."""

from dataclasses import dataclass

from cassandra.cluster import Session

from parley.adapters.cql.access import CqlAccess
from parley.adapters.cql.buckets import NewestBuckets
from parley.adapters.cql.conversation_reader import CqlConversationReader
from parley.adapters.cql.conversation_writer import CqlConversationWriter
from parley.adapters.cql.profiles import CqlProfiles
from parley.adapters.cql.schema import verify_schema
from parley.adapters.cql.sends import SendsLookup
from parley.adapters.cql.session import CqlSession
from parley.adapters.cql.watermarks import CqlWatermarks
from parley.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class CqlStore:
    """One session behind the ports of conversations, watermarks and profiles."""

    session: CqlSession
    writer: CqlConversationWriter
    reader: CqlConversationReader
    watermarks: CqlWatermarks
    profiles: CqlProfiles

    async def check(self) -> None:
        """Raise ParleyError UNAVAILABLE unless the store answers with a schema that fits."""
        await self.session.check()

    async def close(self) -> None:
        """End the connections."""
        await self.session.close()


def open_store(access: CqlAccess, clock: Clock) -> CqlStore:
    """Begin to connect; must be called in a running event loop. Until the store is reached its calls say so."""

    def verify(session: Session) -> None:
        verify_schema(session, access.keyspace)

    session = CqlSession(access, verify)
    newest = NewestBuckets(session)
    return CqlStore(
        session,
        CqlConversationWriter(session, newest, SendsLookup(session, clock)),
        CqlConversationReader(session, newest),
        CqlWatermarks(session),
        CqlProfiles(session, clock),
    )
