// What the API answers, as openapi.yaml says; for the type checker alone.

/** @typedef {'delivering' | 'idle' | 'behind' | 'stuck' | 'standing-by' | 'paused' | 'starting' | 'stopping'} VerdictState */
/** @typedef {{state: VerdictState, severity: 'ok' | 'warning' | 'stuck', headline: string, sentence: string}} Verdict */
/** @typedef {{shard: number, owner: string | null, led: boolean, mine: boolean, epoch: number, checkpointAgeSeconds: number, waiting: number, waitingIsMore: boolean, oldestSeconds: number | null}} Shard */
/** @typedef {{waiting: number, readAhead: number, inFlight: number, rejected: number, blocked: number, deferred: number, paused: number, parkedAggregates: number, retrying: number}} Path */
/** @typedef {{destination: string, state: 'healthy' | 'failing' | 'breaker-open' | 'unavailable' | 'paused' | 'unknown', published: number, rejected: number, reason: string | null}} Destination */
/** @typedef {{pid: number, application: string, state: string, sinceSeconds: number | null}} Transaction */
/** @typedef {{destination: string, since: string, by: string, reason: string | null}} Pause */
/**
 * @typedef {object} Status
 * @property {Verdict} verdict
 * @property {{name: string, version: string, startedAt: string, broker: string, route: string}} relay
 * @property {{schema: string, table: string, database: string}} outbox
 * @property {Shard[]} shards
 * @property {Path} path
 * @property {Destination[]} destinations
 * @property {Transaction[]} holdingBack
 * @property {{rejected: number, blocked: number, deferred: number, paused: number, parkedAggregates: number, isMore: boolean, oldest: string | null}} deadLetters
 * @property {Pause[]} pauses
 */
/** @typedef {{kind: 'start' | 'pause' | 'outage', from: string, to: string | null, sentence: string}} Mark */
/** @typedef {{destination: string, routingKey: string | null, partition: number | null, offset: number | null, at: string}} Delivery */
/** @typedef {Event & {delivery: Delivery | null}} RecentEvent */
/** @typedef {RecentEvent & {headers: unknown, payload: string | null, payloadFormat: 'json' | 'text' | 'base64' | null}} RecentEventDetail */
/** @typedef {{name: string, role: 'operator' | 'read-only'}} Me */
/** @typedef {{at: string, seconds: number, attempted: number, published: number, confirmed: number, rejected: number, waiting: number | null, oldestSeconds: number | null, p50Millis: number | null, p99Millis: number | null, inFlight: number}} Sample */
/** @typedef {{relay: string, intervalSeconds: number, fineSeconds: number, marks: Mark[], samples: Sample[]}} History */
/** @typedef {{number: number, name: string | null, mine: boolean, address: string | null, connectedAt: string | null, shards: number[]}} Instance */
/** @typedef {{seq: number, state: 'rejected' | 'retried' | 'blocked' | 'deferred' | 'paused' | 'waiting', ordered: boolean, aggregateType: string | null, aggregateId: string | null, eventType: string | null, destination: string | null, attempts: number, time: string, reason: string}} DeadLetter */
/** @typedef {DeadLetter & {id: string | null, createdAt: string | null, buriedAt: string, behind: number, followers: number, headers: unknown, payload: string | null, payloadFormat: 'json' | 'text' | 'base64', defect: string | null, version: string}} DeadLetterDetail */
/** @typedef {{aggregateType: string | null, aggregateId: string, reason: string, since: string, attempts: number, destination: string | null, retried: boolean, head: number, followers: number}} Parked */
/** @typedef {{chosen: number, done: number, rejected: number, blocked: number, deferred: number, following: number, stillBlocked: number, sentence: string, refused: {seq: number, why: string}[], dryRun: boolean}} Changed */
/** @typedef {{id: number | null, state: 'planned' | 'waiting' | 'running' | 'done' | 'cancelled' | 'failed', sentence: string, from: string | null, to: string | null, aggregate: string | null, type: string | null, destination: string | null, ratePerSecond: number | null, chosen: number | null, sent: number, by: string | null, startedAt: string | null, endedAt: string | null}} Replay */
/** @typedef {{seq: number | null, id: string | null, aggregateType: string | null, aggregateId: string | null, eventType: string | null, createdAt: string | null, status: 'published' | 'rejected' | 'blocked' | 'deferred' | 'paused' | 'waiting' | 'discarded' | 'unknown', sentence: string, discardedBy: string | null, discardedAt: string | null}} Event */
/** @typedef {{key: string, value: string | null, isDefault: boolean}} Setting */
/** @typedef {{id: number, at: string, who: string, via: string, action: string, what: string, outcome: string}} Deed */

export {};
