import { many } from './format.js';

/** @import { Status } from './types.js' */

/** @typedef {'outbox' | 'reading' | 'flight' | 'broker'} StageName */

/**
 * The cause that stops all events: the stage at which they wait, and the state of the broker.
 *
 * @typedef {object} Blockage
 * @property {StageName | null} at where events gather; nowhere in particular where null
 * @property {string} broker
 */

/** How a sentence of the status begins, and what that means. @type {[RegExp, Blockage][]} */
const STUCK = [
  [/^on the broker\b/, { at: 'broker', broker: 'does not answer; tried again' }],
  [/^on an event\b/, { at: 'broker', broker: 'does not take an event that is tried again' }],
  [/^on the database\b|^on a lock\b/, { at: 'outbox', broker: 'is sent nothing meanwhile' }],
  [/^no relay leads\b/, { at: 'outbox', broker: 'is sent nothing of shards that no relay leads' }],
];

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
  const known = STUCK.find(([beginning]) => beginning.test(status.message));
  const sent = backlog.inFlight > 0 || backlog.readAhead > 0;
  return known ? known[1] : { at: sent ? 'broker' : 'outbox', broker: 'has confirmed nothing for a while' };
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
