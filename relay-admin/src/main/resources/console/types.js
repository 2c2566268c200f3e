// The types of the API's answers, as in openapi.yaml; only the type checker uses them.

/** @typedef {'delivering' | 'idle' | 'behind' | 'stuck' | 'standing-by' | 'paused' | 'starting' | 'stopping'} StateCode */
/** @typedef {'broker' | 'event' | 'database' | 'lock' | 'no-leader' | 'unknown'} StuckCause */
/** @typedef {{state: StateCode, severity: 'ok' | 'warning' | 'stuck', cause?: StuckCause, headline: string, message: string}} RelayStatus */
/** @typedef {{shard: number, owner: string | null, led: boolean, ledHere: boolean, epoch: number, checkpointAgeSeconds: number, waiting: number, waitingIsUpperBound: boolean, oldestSeconds: number | null, source: EventSource | null}} Shard */
/** @typedef {{current: 'table' | 'log', forSeconds: number, reason: string | null, message: string | null}} EventSource */
/** @typedef {{waiting: number, readAhead: number, inFlight: number, rejected: number, blocked: number, deferred: number, paused: number, parkedAggregates: number, retrying: number}} Backlog */
/** @typedef {{destination: string, state: 'healthy' | 'failing' | 'breaker-open' | 'unavailable' | 'paused' | 'unknown', published: number, rejected: number, reason: string | null}} Destination */
/** @typedef {{pid: number, application: string, state: string, ageSeconds: number | null}} Transaction */
/** @typedef {{destination: string, since: string, by: string, reason: string | null}} Pause */
/**
 * @typedef {object} Status
 * @property {RelayStatus} status
 * @property {{name: string, version: string, startedAt: string, broker: string, route: string}} relay
 * @property {{schema: string, table: string, database: string}} outbox
 * @property {Shard[]} shards
 * @property {Backlog} backlog
 * @property {Destination[]} destinations
 * @property {Transaction[]} openTransactions
 * @property {{rejected: number, blocked: number, deferred: number, paused: number, parkedAggregates: number, isLowerBound: boolean, oldest: string | null}} deadLetters
 * @property {Pause[]} pauses
 */
/** @typedef {{kind: 'start' | 'pause' | 'outage', from: string, to: string | null, message: string}} Mark */
/** @typedef {{destination: string, routingKey: string | null, partition: number | null, offset: number | null, at: string}} Delivery */
/** @typedef {Event & {delivery: Delivery | null}} RecentEvent */
/** @typedef {RecentEvent & {headers: unknown, headersIncomplete: string | null, payload: string | null, payloadBytes: number | null, payloadIncomplete: string | null, payloadFormat: 'json' | 'text' | 'base64' | null}} RecentEventDetail */
/** @typedef {{name: string, role: 'operator' | 'read-only'}} Me */
/** @typedef {{at: string, seconds: number, attempted: number, published: number, confirmed: number, rejected: number, waiting: number | null, oldestSeconds: number | null, p50Millis: number | null, p99Millis: number | null, inFlight: number}} Sample */
/** @typedef {{answeredBy: string, intervalSeconds: number, fullResolutionSeconds: number, annotations: Mark[], samples: Sample[]}} History */
/** @typedef {{number: number, name: string | null, self: boolean, address: string | null, connectedAt: string | null, shards: number[]}} Instance */
/** @typedef {{seq: number, state: 'rejected' | 'retried' | 'blocked' | 'deferred' | 'paused' | 'waiting', ordered: boolean, aggregateType: string | null, aggregateId: string | null, eventType: string | null, destination: string | null, attempts: number, time: string, reason: string}} DeadLetter */
/** @typedef {DeadLetter & {id: string | null, createdAt: string | null, deadLetteredAt: string, eventsBefore: number, eventsBehind: number, headers: unknown, headersIncomplete: string | null, payload: string | null, payloadBytes: number | null, payloadIncomplete: string | null, payloadFormat: 'json' | 'text' | 'base64', defect: string | null, version: string}} DeadLetterDetail */
/** @typedef {{aggregateType: string | null, aggregateId: string, reason: string, since: string, attempts: number, destination: string | null, redelivering: boolean, head: number, eventsBehind: number}} Parked */
/** @typedef {{matched: number, done: number, rejected: number, blocked: number, deferred: number, unblocked: number, stillBlocked: number, message: string, refused: {seq: number, reason: string}[], dryRun: boolean}} BulkResult */
/** @typedef {{id: number | null, state: 'planned' | 'waiting' | 'running' | 'done' | 'cancelled' | 'failed', message: string, from: string | null, to: string | null, aggregate: string | null, type: string | null, firstSeq: number, lastSeq: number, destination: string | null, ratePerSecond: number | null, matched: number | null, sent: number, by: string | null, startedAt: string | null, endedAt: string | null}} Replay */
/** @typedef {{seq: number | null, id: string | null, aggregateType: string | null, aggregateId: string | null, eventType: string | null, createdAt: string | null, status: 'published' | 'rejected' | 'blocked' | 'deferred' | 'paused' | 'waiting' | 'discarded' | 'unknown', message: string, discardedBy: string | null, discardedAt: string | null}} Event */
/** @typedef {{key: string, value: string | null, isDefault: boolean}} Setting */
/** @typedef {{id: number, at: string, actor: string, channel: string, action: string, target: string, outcome: string}} AuditEntry */

export {};
