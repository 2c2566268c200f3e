import { html, nothing } from './lib/lit-html/lit-html.js';
import { before, reportRetry } from './retry-outcome.js';
import { question } from './confirm-dialog.js';
import { relay } from './api-client.js';
import { toasts } from './toasts.js';
import { watch } from './status-poller.js';
import { count, many } from './format.js';

/** @import { BulkResult } from './types.js' */

/** @typedef {{seqs?: number[], aggregate?: string, type?: string, destination?: string, reason?: string, since?: string, until?: string, all?: boolean, includingBlocked?: boolean, includingDeferred?: boolean}} Selection */
/** @typedef {'retry' | 'discard'} Command */

/** To discard so many events or more, the operator must type their number. */
const TYPED_FROM = 10;

/** @param {string} words */
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** @type {Record<Command, {verb: string, text: string}>} */
const DEEDS = {
  retry: {
    verb: 'Retry',
    text: 'The events blocked behind a retried one follow it in order, before the later events of its aggregate. The outcome is reported here.',
  },
  discard: {
    verb: 'Discard',
    text: 'A discarded event is never published. This cannot be undone.',
  },
};

/**
 * Retries or discards dead letters, after the operator has confirmed the result of a dry run.
 *
 * @param {Command} command
 * @param {Selection} selection
 * @param {string} scope in words, as in: of aggregate order-42
 * @param {{seqs?: number[], silent?: boolean}} [retried] the events with an outcome to report, if the selection does not name
 *     them; silent if the caller of this function reports the outcome
 * @returns {Promise<boolean>} true if the operator confirmed and the relay carried it out
 */
export async function perform(command, selection, scope, { seqs = selection.seqs ?? [], silent = false } = {}) {
  const path = `dead-letters/${command}`;
  const { verb, text } = DEEDS[command];
  try {
    /** @type {BulkResult} */
    const dry = await relay.post(path, { selection, dryRun: true });
    if (dry.done === 0) {
      toasts.tell(`Nothing to ${command} ${scope}: ${dry.refused[0]?.reason ?? 'there is no such dead letter any more'}`);
      return false;
    }
    const agreed = await question.ask({
      title: `${verb} ${many(dry.done, 'event')} ${scope}?`,
      text: html`<p>This ${dry.message}.</p>
        <p>${text}</p>
        ${dry.refused.length > 0
          ? html`<p>Left alone: ${count(dry.refused.length)}${dry.refused.length >= 100 ? ' or more' : ''}, such as ${dry.refused[0].seq}: ${dry.refused[0].reason}</p>`
          : nothing}`,
      yes: `${verb} ${count(dry.done)}`,
      danger: command === 'discard',
      typed: command === 'discard' && dry.done >= TYPED_FROM ? String(dry.done) : undefined,
    });
    if (!agreed) {
      return false;
    }
    const deadLetters = command === 'retry' && !silent ? await before(seqs) : [];
    /** @type {BulkResult} */
    const result = await relay.post(path, { selection });
    toasts.tell(`${capital(result.message)} (${scope})`);
    if (command === 'retry' && !silent) {
      reportRetry(deadLetters).finally(() => watch.soon());
    }
    return true;
  } catch (failure) {
    toasts.tellFailure(failure);
    return false;
  } finally {
    watch.soon();
  }
}
