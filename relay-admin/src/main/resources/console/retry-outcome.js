import { relay, Refused } from './api-client.js';
import { toasts } from './toasts.js';
import { count, many } from './format.js';

/** @import { DeadLetterDetail } from './types.js' */

/** @typedef {{seq: number, accepted: boolean, message: string}} Outcome */

const EVERY_MILLIS = 700;
const ONE_BY_ONE_MILLIS = 60_000;
const TOGETHER_MILLIS = 600_000;
/** Up to so many events, the outcome of each is reported. */
const ONE_BY_ONE = 20;

const pause = () => new Promise((resolve) => setTimeout(resolve, EVERY_MILLIS));

/** Returns the dead letter as it is now; null if it no longer is a dead letter. @param {number} seq @returns {Promise<DeadLetterDetail | null>} */
async function deadLetterNow(seq) {
  try {
    return await relay.get(`dead-letters/${seq}`);
  } catch (failure) {
    if (failure instanceof Refused && failure.status === 404) {
      return null;
    }
    throw failure;
  }
}

/** @param {number} seq @returns {Promise<Outcome>} */
async function gone(seq) {
  const found = (await relay.get('events', { seq })).items[0];
  return found?.status === 'published'
    ? { seq, accepted: true, message: `Event ${seq} is published: the broker has accepted it` }
    : { seq, accepted: found?.status !== 'discarded', message: `Event ${seq} is no dead letter any more: ${found?.message ?? 'it is not kept any more'}` };
}

/**
 * Waits for the broker's answer to a retry of one dead letter.
 *
 * @param {{seq: number, time: string, attempts: number}} before the dead letter before it was retried
 * @returns {Promise<Outcome | null>} null if there is none within a minute
 */
export async function outcomeOf(before) {
  for (const end = Date.now() + ONE_BY_ONE_MILLIS; Date.now() < end; await pause()) {
    try {
      const deadLetter = await deadLetterNow(before.seq);
      if (deadLetter === null) {
        return await gone(before.seq);
      }
      if (deadLetter.state !== 'retried' && (deadLetter.attempts > before.attempts || deadLetter.time !== before.time)) {
        return { seq: before.seq, accepted: false, message: `Event ${before.seq} was rejected again: ${deadLetter.reason}` };
      }
    } catch {
      // The relay may be unreachable for a moment; the retry does not depend on this request.
    }
  }
  return null;
}

/** Reads dead letters before a retry, so that a new rejection can be distinguished from the earlier one. @param {number[]} seqs */
export async function before(seqs) {
  const deadLetters = await Promise.all(seqs.slice(0, ONE_BY_ONE + 1).map(deadLetterNow));
  return deadLetters.filter((deadLetter) => deadLetter !== null);
}

/** Shows the outcome of a retry as a toast. @param {DeadLetterDetail[]} deadLetters the retried ones, if they are few */
export async function reportRetry(deadLetters) {
  if (deadLetters.length === 0 || deadLetters.length > ONE_BY_ONE) {
    await reportTogether();
    return;
  }
  const outcomes = (await Promise.all(deadLetters.map(outcomeOf))).filter((outcome) => outcome !== null);
  const refused = outcomes.filter((outcome) => !outcome.accepted);
  if (outcomes.length < deadLetters.length) {
    toasts.tellFailure(`${many(deadLetters.length - outcomes.length, 'retried event')} got no answer from the broker for a minute; the list shows the outcome when it is known`);
  }
  if (refused.length > 0) {
    const more = refused.length > 1 ? ` (and ${count(refused.length - 1)} more)` : '';
    toasts.tellFailure(`${refused[0].message}${more}`);
  }
  const accepted = outcomes.length - refused.length;
  if (accepted > 0) {
    toasts.tell(outcomes.length === 1 ? outcomes[0].message : `${many(accepted, 'retried event')} of ${count(deadLetters.length)} accepted by the broker`);
  }
}

async function reportTogether() {
  for (const end = Date.now() + TOGETHER_MILLIS; Date.now() < end; await pause()) {
    try {
      const { backlog, deadLetters } = await relay.get('status');
      if (backlog.retrying === 0) {
        const rejected = deadLetters.rejected;
        const told = `The retry has ended: ${many(rejected, 'rejected event')}${deadLetters.isLowerBound ? ' or more' : ''} in the dead letters now`;
        if (rejected === 0) {
          toasts.tell('The retry has ended: no event is rejected any more');
        } else {
          toasts.tellFailure(told);
        }
        return;
      }
    } catch {
      // The relay may be unreachable for a moment.
    }
  }
}
