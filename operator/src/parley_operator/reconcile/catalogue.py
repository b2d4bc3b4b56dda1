"""Every condition, reason and event: what it means and what to do. The reference page is made from these tables."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A word that the operator says, its meaning, and what to do."""

    name: str
    meaning: str
    action: str = ""


CONDITIONS: Final = (
    Entry("Available", "People can chat: every component has pods that are ready."),
    Entry("Progressing", "Something is under way: objects are made, or pods are replaced."),
    Entry("Degraded", "Something is not as it should be; the message names the parts."),
    Entry("SpecValid", "The spec can be carried out."),
    Entry("KafkaReady", "Kafka answers, and the topics are as wanted."),
    Entry("SchemaReady", "The message store answers, and the keyspace is as wanted."),
    Entry("RedisReady", "Redis answers."),
    Entry("GatewayReady", "All gateways are ready and run the newest revision."),
    Entry("ChatReady", "All pods of chat are ready and run the newest revision."),
    Entry("SequencerReady", "All pods of the sequencer are ready and run the newest revision."),
    Entry("FanoutReady", "All pods of fanout are ready and run the newest revision."),
    Entry("ReceiptsReady", "All pods of receipts are ready and run the newest revision."),
    Entry("PresenceReady", "All pods of presence are ready and run the newest revision."),
    Entry("AutoscalingReady", "Whoever scales can do so."),
    Entry("UpdatePending", "The operator was updated; its changes to pods wait for a change of the spec."),
    Entry("Paused", "The spec says paused: nothing is changed."),
)

REASONS: Final = (
    Entry("AsWanted", "It is as it should be."),
    Entry("Checking", "It was not looked at yet."),
    Entry("Valid", "The spec can be carried out."),
    Entry("Invalid", "The spec cannot be carried out.", "Correct the field that the message names."),
    Entry(
        "SecretMissing", "A Secret that the spec names is not there, or lacks a key.", "Create it, or mend its name."
    ),
    Entry("Unreachable", "The server does not answer.", "Check its address in the spec, its health, and the network."),
    Entry("Refused", "A change is not made, since it would lose something.", "Follow the way out in the message."),
    Entry("Applying", "Steps are being carried out."),
    Entry(
        "CircuitOpen", "It failed repeatedly and is asked less often.", "Mend what the message says; it heals alone."
    ),
    Entry("PodsNotReady", "Some pods are not ready.", "kubectl describe the pods that the message names."),
    Entry("NoPods", "No pod is ready.", "kubectl describe the pods of the component."),
    Entry("RollingOut", "Pods are being replaced."),
    Entry(
        "RolledBack", "The new revision did not work; the one before runs.", "Correct image or settings in the spec."
    ),
    Entry("RolloutPaused", "A rollout waits.", "See the message for what it waits for."),
    Entry("Scaling", "The number of pods is being changed."),
    Entry("ScalerMissing", "Mode keda is asked for, but KEDA is not installed.", "Install KEDA, or use another mode."),
    Entry(
        "ScalingInactive",
        "The HorizontalPodAutoscaler cannot scale.",
        "kubectl describe it; often metrics are missing.",
    ),
    Entry("NotScaled", "Nobody scales."),
    Entry("Paused", "The spec says paused."),
    Entry("Running", "It is not paused."),
    Entry("UpToDate", "Pods are what this operator makes of the spec."),
    Entry(
        "OperatorUpdated", "A newer operator makes other pods of this spec.", "Change the spec, or updatePolicy: Auto."
    ),
    Entry("ApplyFailed", "The API server refused an object.", "The message has its answer."),
    Entry("Deleting", "It is being deleted."),
)

EVENTS: Final = (
    Entry("Created", "An object was made."),
    Entry("Updated", "Objects were changed because the spec changed."),
    Entry("Removed", "An object that is not wanted any more was deleted."),
    Entry(
        "DriftRepaired", "Somebody changed one of the operator's objects; it was put back.", "Change the spec instead."
    ),
    Entry("DeletionRepaired", "Somebody deleted one of the operator's objects; it was made again."),
    Entry("ForeignFieldRemoved", "Somebody added to one of the operator's objects.", "Use podTemplate instead."),
    Entry("TopicsChanged", "Topics were made or repaired."),
    Entry("SchemaChanged", "The keyspace was made or migrated."),
    Entry("ChangeRefused", "A change of topics or keyspace is refused.", "Follow the way out in the message."),
    Entry("BackendUnreachable", "Kafka, the message store or Redis does not answer.", "Check address and health."),
    Entry("BackendReachable", "It answers again."),
    Entry("SecretMissing", "A Secret that the spec names is missing.", "Create it, or mend its name."),
    Entry("Scaled", "The operator changed the number of pods; the message says why."),
    Entry("CanaryStarted", "A rollout began with one gateway."),
    Entry("GatewayReplaced", "A gateway was drained and replaced."),
    Entry("RolloutFinished", "All gateways run the newest revision."),
    Entry("RolloutPaused", "A rollout stopped.", "See the message."),
    Entry("RolledBack", "A revision that does not work was taken back.", "Correct image or settings in the spec."),
    Entry("ApplyFailed", "The API server refused an object.", "The message has its answer."),
    Entry("SpecInvalid", "The spec cannot be carried out.", "Correct the field that the message names."),
    Entry("Deleted", "What deletionPolicy Delete asks for is done."),
    Entry("Orphaned", "A deletion took too long; what the message names stays.", "Remove it yourself."),
)

EVENT_NAMES: Final = frozenset(entry.name for entry in EVENTS)
REASON_NAMES: Final = frozenset(entry.name for entry in REASONS)
CONDITION_NAMES: Final = tuple(entry.name for entry in CONDITIONS)
