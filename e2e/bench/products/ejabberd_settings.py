"""What ejabberd is told: its configuration, and the options of rooms as it keeps them."""

from collections.abc import Iterable
from typing import Final

from e2e.bench.products.xmpp_names import DOMAIN, ROOMS, affiliations

CONFIGURATION: Final = (
    "mod_mam for everybody (default: always, assume_mam_usage) and in every room, on SQL as everything else "
    "(default_db: sql); plain passwords, no TLS, no HTTP, no other servers, no carbons, no mod_offline (the archive "
    "has the messages); no shapers (they would only slow clients down); rooms take 10,000 people instead of 200, a "
    "person may be in 1,000 rooms instead of 100, and rooms do not tell who comes and goes; backlog of 4,096; only "
    "warnings are logged; a node without a name. All else is its default, sql_pool_size (10), max_ack_queue (5,000), "
    "ack_timeout (60 s) and resume_timeout (300 s) included"
)

_TEMPLATE: Final = """\
hosts:
  - {domain}
loglevel: warning
log_rotate_count: 0
listen:
  -
    port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    access: all
    backlog: 4096
s2s_access: none
acme:
  auto: false
auth_method: sql
auth_password_format: plain
default_db: sql
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {sql_port}
sql_database: ejabberd
sql_username: "{sql_user}"
sql_password: "{sql_password}"
modules:
  mod_adhoc: {{}}
  mod_blocking: {{}}
  mod_caps: {{}}
  mod_client_state: {{}}
  mod_disco: {{}}
  mod_mam:
    assume_mam_usage: true
    default: always
  mod_muc:
    host: {rooms}
    max_users: 10000
    max_user_conferences: 1000
    default_room_options:
      mam: true
      persistent: true
  mod_ping: {{}}
  mod_privacy: {{}}
  mod_private: {{}}
  mod_pubsub:
    plugins:
      - flat
      - pep
  mod_roster:
    versioning: true
  mod_stream_mgmt:
    resend_on_timeout: if_offline
  mod_vcard:
    search: false
  mod_version: {{}}
"""


def configuration(port: int, sql_port: int, sql_user: str, sql_password: str) -> str:
    """The configuration file of a server on this port, with its database on another."""
    return _TEMPLATE.format(
        domain=DOMAIN, rooms=ROOMS, port=port, sql_port=sql_port, sql_user=sql_user, sql_password=sql_password
    )


def room_options(members: Iterable[str]) -> str:
    """A persistent room for members only, whose first member owns it, as an Erlang term."""
    listed = ",".join(_affiliated(*each) for each in affiliations(members).items())
    flags = "{persistent,true},{members_only,true},{mam,true},{public,false},{presence_broadcast,[]},{max_users,10000}"
    return f"[{flags},{{affiliations,[{listed}]}}]"


def _affiliated(member: str, affiliation: str) -> str:
    user, _, domain = member.partition("@")
    return f'{{{{<<"{user}">>,<<"{domain}">>,<<>>}},{{{affiliation},<<>>}}}}'
