"""A platform that is well, busy or idle, wakes nobody up."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from monitoring_examples import (
    CHAT,
    FANOUT,
    GATEWAY,
    PARTS,
    RECEIPTS,
    SEQUENCER,
    accepted,
    closed,
    counter,
    frames,
    gauge,
    lag,
    opened,
    sequenced,
    stage,
    up,
)
from monitoring_made import GROUPS, promtool

OPERATOR = 'namespace="parley-system",pod="parley-operator-5c8b9d7f6-abcde"'
CONTROLLER = f'controller="chatcluster",{OPERATOR}'
QUICK = {"0.1": 99, "0.3": 100, "0.5": 100, "1.0": 100, "+Inf": 100}
CONDITIONS = {"Available": "True", "Progressing": "False", "Degraded": "False", "Paused": "False"}


def condition(kind: str, status: str) -> dict[str, str]:
    labels = f'chatcluster_namespace="talk",chatcluster="chat",type="{kind}",{OPERATOR}'
    return {
        f'parley_operator_condition{{status="{each}",{labels}}}': f"{int(each == status)}x120"
        for each in ("True", "False", "Unknown")
    }


THE_OPERATOR = (
    gauge("parley_operator_clusters", OPERATOR, 1)
    | gauge("leader_election_master_status", f'name="x-operator",{OPERATOR}', 1)
    | gauge("workqueue_depth", f'name="chatcluster",{OPERATOR}', 0)
    | gauge("parley_operator_watch_owed_seconds", OPERATOR, 0)
    | counter("controller_runtime_reconcile_total", f'result="success",{CONTROLLER}', 4)
    | counter("controller_runtime_reconcile_time_seconds_bucket", f'le="0.5",{CONTROLLER}', 4)
    | counter("controller_runtime_reconcile_time_seconds_bucket", f'le="+Inf",{CONTROLLER}', 4)
    | {name: values for kind, status in CONDITIONS.items() for name, values in condition(kind, status).items()}
)
IDLE = (
    up(*PARTS)
    | gauge("parley_connections", GATEWAY, 0)
    | gauge("parley_connections_opened_total", GATEWAY, 0)
    | gauge("parley_messages_delivered_total", GATEWAY, 0)
    | gauge("parley_duplicates_total", SEQUENCER, 0)
    | gauge("parley_dead_letters_total", SEQUENCER, 0)
    | gauge("parley_queue_depth", f'queue="calls",{GATEWAY}', 0)
    | lag("ingress", SEQUENCER, "0x120")
    | lag("timeline", FANOUT, "0x120")
    | lag("receipts", RECEIPTS, "0x120")
)
BUSY = (
    IDLE
    | gauge("parley_connections", GATEWAY, 9_000)
    | opened(600)
    | closed(1001, 580)
    | closed(4400, 1)
    | frames(600)
    | accepted(600)
    | sequenced(599)
    | counter("parley_duplicates_total", SEQUENCER, 1)
    | counter("parley_messages_delivered_total", GATEWAY, 1_800)
    | counter("parley_frames_sent_total", f'type="message",{GATEWAY}', 1_800)
    | counter("parley_drops_total", f'reason="withheld",{GATEWAY}', 9)
    | counter("parley_refusals_total", f'code="not_a_member",{CHAT}', 60)
    | stage("accept", CHAT, QUICK)
    | stage("deliver", GATEWAY, QUICK)
    | lag("ingress", SEQUENCER, "0 40 3 0 0 12 0x115")
)


@pytest.mark.slow
@pytest.mark.parametrize("series", [IDLE, BUSY], ids=["idle", "busy"])
def test_nothing_fires_while_all_is_well(tmp_path: Path, series: dict[str, str]) -> None:
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": GROUPS}))
    given = [{"series": name, "values": values} for name, values in (series | THE_OPERATOR).items()]
    firing = 'ALERTS{alertstate="firing"}'
    asked: list[dict[str, Any]] = [{"expr": firing, "eval_time": time, "exp_samples": []} for time in ("30m", "60m")]
    test = {"interval": "1m", "input_series": given, "promql_expr_test": asked}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump({"rule_files": ["rules.yaml"], "tests": [test]}))
    promtool("test", "rules", "test.yaml", folder=tmp_path)
