import { download } from './download.js';
import { relay } from './api-client.js';
import { toasts } from './toasts.js';

/** @type {Record<'jsonl' | 'csv', string>} */
const TYPES = { jsonl: 'application/x-ndjson', csv: 'text/csv' };

/**
 * Saves the dead letters that match the filters, with their payloads, as one file.
 *
 * @param {'jsonl' | 'csv'} format
 * @param {Record<string, string>} filters
 */
export async function exportDeadLetters(format, filters) {
  /** @type {string[]} */
  const parts = [];
  let after = null;
  try {
    do {
      /** @type {{text: string, next: number | null}} */
      const page = await relay.get('dead-letter-export', { ...filters, format, after });
      parts.push(page.text);
      after = page.next;
    } while (after !== null);
  } catch (failure) {
    toasts.tellFailure(failure);
    return;
  }
  download(`dead-letters.${format}`, parts, TYPES[format]);
  toasts.tell(`The dead letters are saved as dead-letters.${format}`);
}
