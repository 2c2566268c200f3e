import { html, nothing } from './lib/lit-html/lit-html.js';
import { question } from './question.js';
import { relay } from './relay.js';
import { toasts } from './toasts.js';
import { watch } from './watch.js';
import { count, many } from './words.js';

/** @import { Changed } from './types.js' */

/** @typedef {{seqs?: number[], aggregate?: string, type?: string, destination?: string, reason?: string, since?: string, until?: string, all?: boolean}} Selection */
/** @typedef {'retry' | 'discard'} Deed */

/** So many are discarded only when their number is typed. */
const TYPED_FROM = 10;

/** @type {Record<Deed, {verb: string, done: string, text: string}>} */
const DEEDS = {
  retry: {
    verb: 'Retry',
    done: 'to be published again, in order',
    text: 'They are published again: a parked aggregate as a whole, in order, before its live events go on.',
  },
  discard: {
    verb: 'Discard',
    done: 'discarded',
    text: 'They will never be published. What only waited behind them is. This cannot be undone.',
  },
};

/**
 * Retries or discards dead letters: says first exactly what would happen, and asks.
 *
 * @param {Deed} deed
 * @param {Selection} selection
 * @param {string} whose in words, as in: of aggregate order-42
 * @returns {Promise<boolean>} whether it was done
 */
export async function perform(deed, selection, whose) {
  const path = `dead-letters/${deed}`;
  const { verb, done, text } = DEEDS[deed];
  try {
    /** @type {Changed} */
    const dry = await relay.post(path, { selection, dryRun: true });
    if (dry.done === 0) {
      toasts.tell(`Nothing to ${deed} ${whose}: ${dry.refused[0]?.why ?? 'there is no such dead letter any more'}`);
      return false;
    }
    const agreed = await question.ask({
      title: `${verb} ${many(dry.chosen, 'dead letter')} ${whose}?`,
      text: html`<p>${text}</p>
        ${dry.refused.length > 0
          ? html`<p>Left alone: ${count(dry.refused.length)}${dry.refused.length >= 100 ? ' or more' : ''}, such as ${dry.refused[0].seq}: ${dry.refused[0].why}</p>`
          : nothing}`,
      yes: `${verb} ${count(dry.chosen)}`,
      danger: deed === 'discard',
      typed: deed === 'discard' && dry.chosen >= TYPED_FROM ? String(dry.chosen) : undefined,
    });
    if (!agreed) {
      return false;
    }
    /** @type {Changed} */
    const result = await relay.post(path, { selection });
    const number = deed === 'retry' ? result.chosen : result.done;
    const left = result.refused[0] ? `; some were left alone, such as ${result.refused[0].seq}: ${result.refused[0].why}` : '';
    toasts.tell(`${many(number, 'dead letter')} ${whose} ${number === 1 ? 'is' : 'are'} ${done}${left}`);
    return true;
  } catch (failure) {
    toasts.tellFailure(failure);
    return false;
  } finally {
    watch.soon();
  }
}
