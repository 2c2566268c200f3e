import { html, nothing } from './lib/lit-html/lit-html.js';
import { download } from './download.js';
import { pretty } from './payload.js';
import { asSentence, count } from './format.js';

/** @typedef {'json' | 'text' | 'base64'} Format */

/** The number of characters that are shown at first, because a browser takes seconds to lay out a megabyte of text. */
const SHOWN = 20_000;

/** @type {Record<Format, {ending: string, type: string}>} */
const FILES = {
  json: { ending: 'json', type: 'application/json' },
  text: { ending: 'txt', type: 'text/plain' },
  base64: { ending: 'bin', type: 'application/octet-stream' },
};

/**
 * Shows a payload. If it is long, only its beginning is shown, with buttons to show or save all of it.
 *
 * @param {string | null} payload
 * @param {Format} format
 * @param {{name: string, incomplete: string | null, all: boolean, showAll: () => void}} options
 */
export function payloadView(payload, format, { name, incomplete, all, showAll }) {
  if (payload === null && incomplete) {
    return incompleteView(incomplete);
  }
  if (payload === null) {
    return html`<p class="muted">None: a tombstone.</p>`;
  }
  const isLong = payload.length > SHOWN;
  const text = isLong && !all ? payload.slice(0, SHOWN) : pretty(payload, format);
  return html`<pre tabindex="0">${text}${isLong && !all ? '…' : ''}</pre>
    <p class="after-payload muted">
      ${isLong ? html`<span>${all ? `All ${count(payload.length)} characters.` : `The first ${count(SHOWN)} of ${count(payload.length)} characters.`}</span>` : nothing}
      ${isLong && !all ? html`<button class="quiet small" @click=${showAll}>Show all</button>` : nothing}
      <button class="quiet small" @click=${() => save(payload, format, name)}>Download</button>
    </p>
    ${incompleteView(incomplete)}`;
}

/** @param {string | null} incomplete */
function incompleteView(incomplete) {
  return incomplete ? html`<p class="refusal">${asSentence(incomplete)}</p>` : nothing;
}

/** @param {string} payload @param {Format} format @param {string} name */
function save(payload, format, name) {
  const { ending, type } = FILES[format];
  if (format === 'base64') {
    const bytes = atob(payload);
    const array = new Uint8Array(new ArrayBuffer(bytes.length));
    for (let at = 0; at < bytes.length; at++) {
      array[at] = bytes.charCodeAt(at);
    }
    download(`${name}.${ending}`, [array], type);
  } else {
    download(`${name}.${ending}`, [payload], type);
  }
}

/** Shows headers as JSON, so that their types can be seen: a text is in quotes. @param {unknown} headers @param {string | null} incomplete */
export function headersView(headers, incomplete) {
  if (incomplete) {
    return incompleteView(incomplete);
  }
  if (headers === null || headers === undefined) {
    return html`<p class="muted">The event has none of its own.</p>`;
  }
  if (typeof headers !== 'object' || Array.isArray(headers)) {
    return html`<pre tabindex="0">${JSON.stringify(headers)}</pre>`;
  }
  return html`<dl class="facts">
    ${Object.entries(headers).map(([name, value]) => html`<div><dt>${name}</dt><dd class="mono">${JSON.stringify(value)}</dd></div>`)}
  </dl>`;
}
