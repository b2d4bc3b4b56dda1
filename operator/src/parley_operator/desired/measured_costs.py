"""What was measured: made by `make scaling` from docs/measurements/; change those instead."""

from typing import Final

GATEWAY_US: Final = 137
"""cpu gateway, us/message; stages.json: real servers, full load."""

CHAT_US: Final = 109
"""cpu chat, us/message; stages.json: real servers, full load."""

SEQUENCER_US: Final = 106
"""cpu sequencer, us/message; stages.json: real servers, full load."""

FANOUT_US: Final = 70
"""cpu fanout, us/message; stages.json: real servers, full load."""

RECEIPTS_US: Final = 81
"""cpu receipts, us/message; stages.json: real servers, full load."""

BROKER_US: Final = 85
"""cpu kafka, us/message; stages.json: real servers, full load."""

STORE_US: Final = 212
"""cpu cassandra, us/message; stages.json: real servers, full load."""

REDIS_US: Final = 16
"""cpu redis, us/message; stages.json: real servers, full load."""

CONNECT_GATEWAY_US: Final = 1_560
"""cpu gateway, us/connection; connections.json: connect."""

CONNECT_CHAT_US: Final = 7_484
"""cpu chat, us/connection; connections.json: connect."""

CONNECT_STORE_US: Final = 3_826
"""cpu cassandra, us/connection; connections.json: connect."""

CONNECT_REDIS_US: Final = 195
"""cpu redis, us/connection; connections.json: connect."""

CONNECTION_MEMORY: Final = 8_565
"""memory gateway, bytes/connection; connections.json: idle."""

REDIS_CONNECTION_BYTES: Final = 320
"""connection, bytes; registry.json: registry."""

REDIS_STREAM_ENTRY_BYTES: Final = 320
"""stream entry, bytes beside the text; registry.json: registry."""

REDIS_RECENT_KEY_BYTES: Final = 230
"""recent key, bytes; registry.json: registry."""
