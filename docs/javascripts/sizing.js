// What a load needs: the arithmetic of operator/src/parley_operator/desired/capacity.py on the same figures
// (sizing-constants.json, written by `make docs`). A test compares both to the last byte, hence BigInt throughout.
"use strict";

const CONSUMERS = ["sequencer", "fanout", "receipts"];
const DAY_SECONDS = 86400n;
const MICROSECONDS = 1000000n;

function most(...numbers) {
  return numbers.reduce((found, each) => (each > found ? each : found));
}

function ceiling(dividend, divisor) {
  return (dividend + divisor - 1n) / divisor;
}

function integers(record) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, BigInt(value)]));
}

function partitionsFor(figure, load) {
  const wanted = most(figure.leastPartitions, ceiling(load.messagesPerSecond, figure.messagesPerPartition));
  let partitions = 1n;
  while (partitions < wanted) partitions *= 2n;
  return partitions < figure.mostPartitions ? partitions : figure.mostPartitions;
}

function podsWanted(figure, load, deliveries) {
  const { peakConnections: connections, messagesPerSecond: messages } = load;
  const wanted = {
    gateway: 1n + most(
      ceiling(connections, figure.connectionsPerGateway),
      ceiling(deliveries, figure.deliveriesPerGateway),
    ),
    chat: ceiling(messages, figure.messagesPerChat),
    sequencer: ceiling(messages, figure.messagesPerSequencer),
    fanout: ceiling(deliveries, figure.deliveriesPerFanout),
    receipts: ceiling(deliveries, figure.receiptsPerWorker),
    presence: ceiling(connections, figure.connectionsPerPresence),
  };
  return Object.fromEntries(Object.entries(wanted).map(([role, count]) => [role, most(figure.leastPods, count)]));
}

function logBytes(figure, load, deliveries) {
  const messages = ceiling(load.messagesPerSecond * load.averagePercent, 100n);
  const receipts = ceiling(deliveries * load.averagePercent, 100n) * figure.receiptsPerDelivery * figure.receiptBytes;
  return load.replication * DAY_SECONDS * (
    messages * (figure.ingressBytes + load.textBytes) * figure.ingressDays
    + messages * (figure.timelineBytes + load.textBytes) * figure.timelineDays
    + receipts * figure.receiptsDays
  );
}

function storeBytes(figure, load) {
  const messages = ceiling(load.messagesPerSecond * load.averagePercent, 100n);
  const rows = load.retentionDays * (figure.rowBytes + load.textBytes);
  return load.replication * DAY_SECONDS * messages * (rows + figure.sendDays * figure.sendBytes);
}

function redisBytes(figure, load, gateways) {
  const messages = ceiling(load.messagesPerSecond * load.averagePercent, 100n);
  const data = load.peakConnections * figure.connectionBytes
    + gateways * figure.streamItems * (figure.streamItemBytes + load.textBytes)
    + DAY_SECONDS * figure.recentKeyDays * messages * figure.recentKeyBytes;
  return ceiling(data * figure.redisPercent, 100n);
}

function forProcessors(figure, load, microseconds, cores) {
  const wanted = load.messagesPerSecond * load.replication * microseconds * 100n;
  return ceiling(wanted, cores * figure.serverCpuPercent * MICROSECONDS);
}

function needs(constants, asked) {
  const figure = integers(constants);
  const load = integers(asked);
  const deliveries = load.messagesPerSecond * (load.members - 1n);
  const partitions = partitionsFor(figure, load);
  const wanted = podsWanted(figure, load, deliveries);
  const pods = { ...wanted };
  for (const role of CONSUMERS) if (pods[role] > partitions) pods[role] = partitions;
  const beyond = CONSUMERS.filter((role) => role !== "sequencer" && wanted[role] > pods[role]);
  // The order itself is beyond one log long before its sequencers are.
  if (load.messagesPerSecond > partitions * figure.messagesPerPartition) beyond.unshift("partitions");
  const podsOfNode = figure.nodeCores * figure.nodePercent / 100n / figure.podCores;
  const log = logBytes(figure, load, deliveries);
  const store = storeBytes(figure, load);
  return {
    partitions,
    pods,
    nodes: most(figure.leastNodes, ceiling(Object.values(pods).reduce((sum, each) => sum + each), podsOfNode)),
    brokers: most(
      load.replication,
      forProcessors(figure, load, figure.brokerMicroseconds, figure.brokerCores),
      ceiling(log * 100n, figure.brokerBytes * figure.brokerDiskPercent),
      ceiling(figure.orderedTopics * partitions * load.replication, figure.partitionsPerBroker),
    ),
    logBytes: log,
    storeNodes: most(
      load.replication,
      forProcessors(figure, load, figure.storeMicroseconds, figure.storeCores),
      ceiling(store * 100n, figure.storeNodeBytes * figure.storeDiskPercent),
    ),
    storeBytes: store,
    redisBytes: redisBytes(figure, load, pods.gateway),
    beyond,
  };
}

function bytesShown(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = Number(count);
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${value.toLocaleString("en", { maximumSignificantDigits: 3 })} ${units[unit]}`;
}

function rowsShown(found) {
  const count = (number) => Number(number).toLocaleString("en");
  return [
    ...Object.entries(found.pods).map(([role, pods]) => [role, `${count(pods)} pods`]),
    ["topics", `${count(found.partitions)} partitions`],
    ["nodes", count(found.nodes)],
    ["Kafka", `${count(found.brokers)} brokers, ${bytesShown(found.logBytes)} in all`],
    ["store", `${count(found.storeNodes)} nodes, ${bytesShown(found.storeBytes)} in all`],
    ["Redis", `${bytesShown(found.redisBytes)} of memory`],
    ...(found.beyond.length ? [["too much for one log", found.beyond.join(", ")]] : []),
  ];
}

function show(form, result, constants) {
  const load = {};
  for (const field of form.querySelectorAll("input")) {
    if (!field.checkValidity() || field.value === "") {
      result.textContent = `${field.name} must be a whole number from ${field.min} to ${field.max}`;
      return;
    }
    load[field.name] = field.value;
  }
  const body = document.createElement("table");
  for (const cells of rowsShown(needs(constants, load))) {
    const row = body.insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
  }
  result.replaceChildren(body);
}

async function begin() {
  const form = document.getElementById("sizing-form");
  const result = document.getElementById("sizing-result");
  if (!form || !result || form.dataset.begun) return;
  form.dataset.begun = "yes";
  form.addEventListener("submit", (event) => event.preventDefault());
  const answer = await fetch(form.dataset.constants).catch(() => null);
  if (!answer || !answer.ok) {
    result.textContent = "The figures could not be loaded: reload this page, or use parley-operator size.";
    return;
  }
  const constants = await answer.json();
  form.addEventListener("input", () => show(form, result, constants));
  show(form, result, constants);
}

if (typeof module === "object") module.exports = { needs };
else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
else begin();
