import { many } from './format.js';

/** @import { Status, StuckCause } from './types.js' */

/** @typedef {'outbox' | 'reading' | 'flight' | 'broker'} StageName */

/**
 * The cause that stops all events: the stage at which they wait, and the state of the broker.
 *
 * @typedef {object} Blockage
 * @property {StageName | null} at the stage at which events wait; null if there is no such stage
 * @property {string} broker
 */

/** @type {Record<Exclude<StuckCause, 'unknown'>, Blockage>} */
const STUCK = {
  broker: { at: 'broker', broker: 'does not answer; tried again' },
  event: { at: 'broker', broker: 'does not take an event that is tried again' },
  database: { at: 'outbox', broker: 'is sent nothing meanwhile' },
  lock: { at: 'outbox', broker: 'is sent nothing meanwhile' },
  'no-leader': { at: 'outbox', broker: 'is sent nothing of shards that no relay leads' },
};

/** @type {Partial<Record<Status['status']['state'], Blockage>>} */
const WHOLLY = {
  paused: { at: 'outbox', broker: 'is sent nothing until it is resumed' },
  'standing-by': { at: null, broker: 'another relay sends' },
  starting: { at: null, broker: 'is sent nothing yet' },
  stopping: { at: null, broker: 'is sent nothing more' },
};

/** @param {Status} status @returns {Blockage | null} */
export function blockage({ status, backlog }) {
  if (status.state !== 'stuck') {
    return WHOLLY[status.state] ?? null;
  }
  const cause = status.cause ?? 'unknown';
  if (cause !== 'unknown') {
    return STUCK[cause];
  }
  const sent = backlog.inFlight > 0 || backlog.readAhead > 0;
  return { at: sent ? 'broker' : 'outbox', broker: 'has confirmed nothing for a while' };
}

/** The failing or paused destinations in words; null if there are none. @param {Status} status */
export function troubled({ destinations }) {
  const failing = destinations.filter((one) => one.state === 'breaker-open' || (one.state === 'paused' && one.reason));
  const paused = destinations.filter((one) => one.state === 'paused' && !one.reason);
  const name = (/** @type {typeof failing} */ some) => (some.length === 1 ? some[0].destination : many(some.length, 'destination'));
  if (failing.length > 0) {
    return failing.length === 1 ? `${name(failing)} is down, and is tried again` : `${name(failing)} are down, and are tried again`;
  }
  return paused.length > 0 ? `${name(paused)} ${paused.length === 1 ? 'is' : 'are'} paused` : null;
}

/** Aggregates with a rejected event at their head. @param {Status} status */
export const parked = ({ backlog }) => backlog.parkedAggregates;
