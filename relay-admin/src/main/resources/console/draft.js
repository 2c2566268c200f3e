import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { mistake, pretty } from './payload.js';

/** @import { DeadLetterDetail } from './types.js' */

/** @typedef {{name: string, value: string}} Header */

/** A dead letter as somebody wants it to be, and how that differs from what it is. */
export class Draft {
  /** @param {DeadLetterDetail} letter @param {() => void} redraw */
  constructor(letter, redraw) {
    this.letter = letter;
    this.redraw = redraw;
    this.eventType = letter.eventType ?? '';
    this.aggregateId = letter.aggregateId ?? '';
    this.tombstone = letter.payload === null;
    this.shown = letter.payload === null ? '' : pretty(letter.payload, letter.payloadFormat);
    this.payload = this.shown;
    /** @type {Header[]} */
    this.headers = isObject(letter.headers)
      ? Object.entries(letter.headers).map(([name, value]) => ({ name, value: typeof value === 'string' ? value : JSON.stringify(value) }))
      : [];
    this.headersBefore = JSON.stringify(this.headers);
  }

  get mistake() {
    return this.tombstone ? '' : mistake(this.payload, this.letter.payloadFormat);
  }

  get changed() {
    return Object.keys(this.edit).length > 0;
  }

  get ready() {
    return this.changed && this.mistake === '' && this.headers.every(({ name }) => name.trim() !== '');
  }

  /** What the API is told: only what is not as it was. */
  get edit() {
    const { letter } = this;
    /** @type {Record<string, unknown>} */
    const edit = {};
    if (this.eventType !== (letter.eventType ?? '')) {
      edit['eventType'] = this.eventType;
    }
    if (this.aggregateId !== (letter.aggregateId ?? '')) {
      edit['aggregateId'] = this.aggregateId;
    }
    if (this.tombstone !== (letter.payload === null) || this.payload !== this.shown) {
      edit['payload'] = this.tombstone ? null : this.payload;
    }
    if (JSON.stringify(this.headers) !== this.headersBefore) {
      edit['headers'] = this.#headersEdit();
    }
    return edit;
  }

  #headersEdit() {
    const before = isObject(this.letter.headers) ? Object.keys(this.letter.headers) : [];
    const now = this.headers.map(({ name, value }) => [name.trim(), value]);
    const kept = new Set(now.map(([name]) => name));
    return Object.fromEntries([...before.filter((name) => !kept.has(name)).map((name) => [name, null]), ...now]);
  }

  view() {
    const { letter } = this;
    const parked = letter.ordered;
    return html`
      <label class="field"><span>Event type</span>
        <input .value=${this.eventType} @input=${(/** @type {any} */ e) => this.#set('eventType', e.target.value)} />
      </label>
      <label class="field"><span>Aggregate id</span>
        <input .value=${this.aggregateId} ?disabled=${parked} @input=${(/** @type {any} */ e) => this.#set('aggregateId', e.target.value)} />
        ${parked ? html`<small>It has its place in the order of this aggregate, so this stays.</small>` : nothing}
      </label>
      <label class="check"><input type="checkbox" .checked=${this.tombstone} @change=${(/** @type {any} */ e) => this.#set('tombstone', e.target.checked)} />
        <span>no payload: a tombstone</span>
      </label>
      ${this.tombstone ? nothing : this.#payloadField()}
      <fieldset class="headers">
        <legend>Headers</legend>
        ${this.headers.map(
          (header, index) => html`<div class="header">
            <input aria-label="Name of header ${index + 1}" placeholder="name" .value=${header.name} @input=${(/** @type {any} */ e) => this.#setHeader(index, { ...header, name: e.target.value })} />
            <input aria-label="Value of header ${index + 1}" placeholder="value" .value=${header.value} @input=${(/** @type {any} */ e) => this.#setHeader(index, { ...header, value: e.target.value })} />
            <button class="quiet" aria-label="Remove header ${header.name}" @click=${() => this.#setHeader(index, null)}>${icon('bin')}</button>
          </div>`,
        )}
        <button class="quiet" @click=${() => this.#setHeader(this.headers.length, { name: '', value: '' })}>Add a header</button>
      </fieldset>
    `;
  }

  #payloadField() {
    const { mistake: wrong, letter } = this;
    const told = wrong || (letter.payloadFormat === 'json' ? 'This is JSON.' : letter.payloadFormat === 'base64' ? 'Bytes, in base64.' : 'Text.');
    return html`<label class="field"><span>Payload</span>
        <textarea
          class="mono" rows="12" spellcheck="false" aria-describedby="payload-check" aria-invalid=${wrong !== ''}
          .value=${this.payload} @input=${(/** @type {any} */ e) => this.#set('payload', e.target.value)}
        ></textarea>
      </label>
      <p id="payload-check" class="checked ${wrong ? 'wrong' : ''}" role="status">${icon(wrong ? 'stop' : 'check')} ${told}
        ${letter.payloadFormat === 'json' && !wrong
          ? html`<button class="quiet small" @click=${() => this.#set('payload', pretty(this.payload, 'json'))}>Tidy up</button>`
          : nothing}
      </p>`;
  }

  /** @param {'eventType' | 'aggregateId' | 'payload' | 'tombstone'} field @param {any} value */
  #set(field, value) {
    /** @type {any} */ (this)[field] = value;
    this.redraw();
  }

  /** @param {number} index @param {Header | null} header null removes it */
  #setHeader(index, header) {
    this.headers = header === null ? this.headers.filter((_, at) => at !== index) : Object.assign([...this.headers], { [index]: header });
    this.redraw();
  }
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
