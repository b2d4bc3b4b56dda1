"""What Prosody reads: its configuration, and the files of accounts and rooms in the format of its own storage."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from e2e.bench.products.xmpp_names import DOMAIN, ROOMS, affiliations

CONFIGURATION: Final = (
    "mod_mam and mod_muc_mam on SQL with archives that never expire, so that no count of the whole archive is asked "
    "for with each page; pages of up to 250 instead of 50; accounts with plain passwords (authentication "
    "internal_plain), no TLS, no HTTP, no other servers, no carbons, no mod_offline (the archive has the messages) "
    "and no mod_limits (it would only slow clients down); rooms do not tell who comes and goes; 10,000 rooms stay in "
    "memory instead of 100, and 16,384 archives are known by their size instead of 1,000; backlog of 4,096; no Nagle "
    "delay (it cost 35 ms); garbage is collected once memory has grown by 50 % instead of 5 %, which about halves what "
    "a message costs; only warnings are logged. All else is its default, smacks_hibernation_time (600 s) and "
    "smacks_max_queue_size (500) included"
)

_SILENT: Final = '["presence_broadcast"] = { ["visitor"] = false; ["participant"] = false; ["moderator"] = false; };'
_TEMPLATE: Final = """\
run_as_root = true
data_path = "{data}"
certificates = "{data}"
plugin_paths = {{ "{modules}" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
network_settings = {{ tcp_backlog = 4096, nagle = false }}
gc = {{ mode = "incremental", threshold = 150 }}
modules_enabled = {{
  "disco", "roster", "saslauth", "blocklist", "bookmarks", "pep", "private", "smacks", "vcard4", "vcard_legacy",
  "csi_simple", "ping", "time", "uptime", "version", "posix", "mam",
  {also}
}}
modules_disabled = {{ "s2s", "offline" }}
authentication = "internal_plain"
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
default_storage = "internal"
storage = {{ archive = "sql", muc_log = "sql" }}
sql = {{ driver = "SQLite3", database = "{database}" }}
storage_archive_item_limit_cache_size = 16384
archive_expires_after = "never"
muc_log_expires_after = "never"
max_archive_query_results = 250
log = {{ warn = "*console" }}

VirtualHost "{domain}"

Component "{rooms}" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_room_cache_size = 10000
"""


def configuration(port: int, data: Path, database: Path, *, flushed: bool) -> str:
    """The configuration file of a server on this port; unless `flushed`, commits are left to the operating system."""
    return _TEMPLATE.format(
        port=port,
        data=data,
        database=database,
        domain=DOMAIN,
        rooms=ROOMS,
        modules=Path(__file__).parent / "prosody_modules",
        also="" if flushed else '"unflushed_commits",',
    )


def write_account(data: Path, user: str, password: str) -> None:
    """Make an account."""
    _write(data / _encoded(DOMAIN) / "accounts" / f"{_encoded(user)}.dat", f'["password"] = "{password}";')


def write_room(data: Path, name: str, members: Iterable[str]) -> None:
    """Make a persistent room for members only, whose first member owns it."""
    lines = [
        f'["_jid"] = "{name}@{ROOMS}";',
        '["_affiliation_data"] = {};',
        f'["_data"] = {{ ["persistent"] = true; ["members_only"] = true; ["hidden"] = true; {_SILENT} }};',
        *(f'["{member}"] = "{affiliation}";' for member, affiliation in affiliations(members).items()),
    ]
    _write(data / _encoded(ROOMS) / "config" / f"{_encoded(name)}.dat", "\n".join(lines))


def _write(file: Path, fields: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"return {{\n{fields}\n}};\n")


def _encoded(name: str) -> str:
    """As it stands in names of files there: whatever is neither letter nor digit as a percent sign and its number."""
    return re.sub(r"[^A-Za-z0-9]", lambda found: f"%{ord(found[0]):02x}", name)
