import { html, nothing } from './lib/lit-html/lit-html.js';
import { before, reportRetry } from './outcome.js';
import { question } from './question.js';
import { relay } from './relay.js';
import { toasts } from './toasts.js';
import { watch } from './watch.js';
import { count, many } from './words.js';

/** @import { Changed } from './types.js' */

/** @typedef {{seqs?: number[], aggregate?: string, type?: string, destination?: string, reason?: string, since?: string, until?: string, all?: boolean, includingBlocked?: boolean, includingDeferred?: boolean}} Selection */
/** @typedef {'retry' | 'discard'} Deed */

/** So many are discarded only when their number is typed. */
const TYPED_FROM = 10;

/** @param {string} words */
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** @type {Record<Deed, {verb: string, text: string}>} */
const DEEDS = {
  retry: {
    verb: 'Retry',
    text: 'The events blocked behind a retried one follow it in order, before the later events of its aggregate. The outcome is reported here.',
  },
  discard: {
    verb: 'Discard',
    text: 'A discarded event is given up. This cannot be undone.',
  },
};

/**
 * Retries or discards dead letters: says first exactly what would happen, and asks.
 *
 * @param {Deed} deed
 * @param {Selection} selection
 * @param {string} whose in words, as in: of aggregate order-42
 * @param {{seqs?: number[], silent?: boolean}} [retried] the events whose outcome is to be told, if the selection does not name
 *     them; silent if the caller tells the outcome
 * @returns {Promise<boolean>} whether it was done
 */
export async function perform(deed, selection, whose, { seqs = selection.seqs ?? [], silent = false } = {}) {
  const path = `dead-letters/${deed}`;
  const { verb, text } = DEEDS[deed];
  try {
    /** @type {Changed} */
    const dry = await relay.post(path, { selection, dryRun: true });
    if (dry.done === 0) {
      toasts.tell(`Nothing to ${deed} ${whose}: ${dry.refused[0]?.why ?? 'there is no such dead letter any more'}`);
      return false;
    }
    const agreed = await question.ask({
      title: `${verb} ${many(dry.done, 'event')} ${whose}?`,
      text: html`<p>This ${dry.sentence}.</p>
        <p>${text}</p>
        ${dry.refused.length > 0
          ? html`<p>Left alone: ${count(dry.refused.length)}${dry.refused.length >= 100 ? ' or more' : ''}, such as ${dry.refused[0].seq}: ${dry.refused[0].why}</p>`
          : nothing}`,
      yes: `${verb} ${count(dry.done)}`,
      danger: deed === 'discard',
      typed: deed === 'discard' && dry.done >= TYPED_FROM ? String(dry.done) : undefined,
    });
    if (!agreed) {
      return false;
    }
    const letters = deed === 'retry' && !silent ? await before(seqs) : [];
    /** @type {Changed} */
    const result = await relay.post(path, { selection });
    toasts.tell(`${capital(result.sentence)} (${whose})`);
    if (deed === 'retry' && !silent) {
      reportRetry(letters).finally(() => watch.soon());
    }
    return true;
  } catch (failure) {
    toasts.tellFailure(failure);
    return false;
  } finally {
    watch.soon();
  }
}
