"""Examples of rules about what stands outside: Kafka, the message store, Redis, and people's tokens."""

from typing import Final

from rule_example import Example

from parley_operator.model.auth import Auth
from parley_operator.model.cql import Cql, Replication
from parley_operator.model.kafka import Kafka, Topics
from parley_operator.model.redis import Redis

_SECRET: Final = {"name": "secret", "key": "keys"}
_NO_SECRET: Final = {"jwtSecret": None}
_PASSWORD: Final = {"name": "password"}

KAFKA: Final = (
    Example(
        Kafka,
        "authentication.type plain",
        always={"authentication.credentialsSecret": _PASSWORD},
        accepted=[{"authentication.type": "plain", "tls": {}}, {"authentication.type": "scram-sha-512"}],
        refused=[{"authentication.type": "plain"}],
    ),
    Example(
        Kafka,
        "bootstrapServers: each is",
        accepted=[{"bootstrapServers": ["one:1", "[fd00::1]:65535"]}],
        refused=[{"bootstrapServers": ["one:0"]}, {"bootstrapServers": ["one:9092", "[fd00::1]:65536"]}],
    ),
    Example(
        Topics,
        "partitions may not shrink",
        old={"partitions": 12},
        accepted=[{"partitions": 12}, {"partitions": 6, "generation": 1}, {"partitions": 24}, {"partitions": None}],
        refused=[{"partitions": 11}, {"partitions": 6}],
        says="may not shrink (12 -> ",
    ),
    Example(
        Topics,
        "generation may only grow",
        old={"generation": 2},
        accepted=[{"generation": 2}, {"generation": 3}],
        refused=[{"generation": 1}, {}],
    ),
    Example(
        Topics,
        "generation may grow by one",
        old={"generation": 2},
        accepted=[{"generation": 3}],
        refused=[{"generation": 4}],
    ),
    Example(
        Topics,
        "prefix may not change",
        old={"prefix": "one."},
        accepted=[{"prefix": "one."}],
        refused=[{"prefix": "two."}, {}],
    ),
    Example(
        Topics,
        "prefix must end with",
        accepted=[{"prefix": "chat."}, {"prefix": "chat-"}, {"prefix": "chat_"}],
        refused=[{"prefix": "chat"}],
    ),
)

CQL: Final = (
    Example(
        Cql,
        "keyspace may not change",
        old={"keyspace": "one"},
        accepted=[{"keyspace": "one"}],
        refused=[{"keyspace": "two"}, {}],
    ),
    Example(
        Cql,
        "keyspace may not begin with 'system'",
        accepted=[{"keyspace": "chat_system"}],
        refused=[{"keyspace": "system_chat"}, {"keyspace": "system"}],
    ),
    Example(
        Cql,
        "localDatacenter must be one of",
        always={"localDatacenter": "here"},
        accepted=[{}, {"replication.datacenters": [{"name": "there", "replicas": 3}, {"name": "here", "replicas": 3}]}],
        refused=[{"replication.datacenters": [{"name": "there", "replicas": 3}]}],
    ),
    Example(
        Replication,
        "exactly one of replicas and datacenters",
        accepted=[{"replicas": 3}, {"datacenters": [{"name": "here", "replicas": 3}]}],
        refused=[
            {"replicas": 3, "datacenters": [{"name": "here", "replicas": 3}]},
            {"replicas": None},
        ],
    ),
)

REDIS: Final = (
    Example(
        Redis,
        "exactly one of address, sentinels and nodes",
        accepted=[
            {"address": None, "sentinels": {"masterName": "chat", "addresses": ["one:26379"]}},
            {"address": None, "nodes": ["one:6379"]},
        ],
        refused=[{"address": None}, {"nodes": ["one:6379"]}],
    ),
    Example(
        Redis,
        "address, nodes and sentinels.addresses",
        accepted=[{"address": "one:65535"}, {"address": None, "nodes": ["[fd00::1]:1"]}],
        refused=[{"address": "one:65536"}, {"address": None, "nodes": ["one:1", "two:0"]}],
    ),
    Example(
        Redis,
        "database cannot be set with nodes",
        accepted=[{"database": 1}],
        refused=[{"address": None, "nodes": ["one:6379"], "database": 1}],
    ),
    Example(
        Redis,
        "prefix may not change",
        old={"prefix": "one:"},
        accepted=[{"prefix": "one:"}],
        refused=[{"prefix": "two:"}, {}],
    ),
)

AUTH: Final = (
    Example(
        Auth,
        "exactly one of jwtSecret, jwksUrl and jwksSecret",
        accepted=[_NO_SECRET | {"jwksUrl": "https://keys.example.com/"}, _NO_SECRET | {"jwksSecret": _SECRET}],
        refused=[_NO_SECRET, {"jwksUrl": "https://keys.example.com/"}, {"jwksSecret": _SECRET}],
    ),
    Example(
        Auth,
        "jwksUrl must be a URL",
        always=_NO_SECRET,
        accepted=[{"jwksUrl": "https://keys.example.com/keys.json"}],
        refused=[{"jwksUrl": "https://two words/"}, {"jwksUrl": "https://[fd00::1/"}],
    ),
    Example(
        Auth,
        "jwksUrl must begin with https://",
        always=_NO_SECRET,
        accepted=[{"jwksUrl": "https://keys.example.com/"}, {"jwksUrl": "http://keys.login.svc:8080/"}],
        refused=[
            {"jwksUrl": "http://keys.example.com/"},
            {"jwksUrl": "http://keys.example.com/keys.svc"},
            {"jwksUrl": "http://keys.svc.local@keys.example.com/"},
        ],
    ),
)

BACKENDS: Final = (*KAFKA, *CQL, *REDIS, *AUTH)
