import { html, nothing } from './lib/lit-html/lit-html.js';
import { differencesView } from './differences.js';
import { icon } from './icons.js';
import { mistake, pretty } from './payload.js';

/** @import { DeadLetterDetail } from './types.js' */

/** @import { Difference } from './differences.js' */

/** @typedef {{name: string, value: string, type: string}} Header type is that of the JSON value; a header can be published only if it is text */

const TEXT = 'text';

/** An edit of a dead letter that is not saved yet, and how it differs from the dead letter. */
export class Draft {
  /** @param {DeadLetterDetail} deadLetter @param {() => void} redraw */
  constructor(deadLetter, redraw) {
    this.deadLetter = deadLetter;
    this.redraw = redraw;
    this.eventType = deadLetter.eventType ?? '';
    this.aggregateId = deadLetter.aggregateId ?? '';
    this.tombstone = deadLetter.payload === null && !deadLetter.payloadIncomplete;
    /** An incomplete payload cannot be edited, because saving it would remove the missing part. */
    this.payloadLocked = deadLetter.payloadIncomplete !== null;
    this.shown = deadLetter.payload === null ? '' : pretty(deadLetter.payload, deadLetter.payloadFormat);
    this.payload = this.shown;
    /** @type {Header[]} */
    this.headers = isObject(deadLetter.headers)
      ? Object.entries(deadLetter.headers).map(([name, value]) => ({
          name,
          value: typeof value === 'string' ? value : JSON.stringify(value),
          type: typeOf(value),
        }))
      : [];
  }

  get mistake() {
    return this.tombstone || this.payloadLocked ? '' : mistake(this.payload, this.deadLetter.payloadFormat);
  }

  get changed() {
    return Object.keys(this.edit).length > 0;
  }

  get ready() {
    return this.changed && this.mistake === '' && this.headers.every(({ name }) => name.trim() !== '');
  }

  /** The fields for the API: only the changed ones. */
  get edit() {
    const { deadLetter } = this;
    /** @type {Record<string, unknown>} */
    const edit = {};
    if (this.eventType !== (deadLetter.eventType ?? '')) {
      edit['eventType'] = this.eventType;
    }
    if (this.aggregateId !== (deadLetter.aggregateId ?? '')) {
      edit['aggregateId'] = this.aggregateId;
    }
    if (this.payloadLocked ? this.tombstone : this.tombstone !== (deadLetter.payload === null) || this.payload !== this.shown) {
      edit['payload'] = this.tombstone ? null : this.payload;
    }
    const headers = this.#headersEdit();
    if (Object.keys(headers).length > 0) {
      edit['headers'] = headers;
    }
    return edit;
  }

  /** Only the changed headers. A header that is not text keeps its JSON value if it was not edited. */
  #headersEdit() {
    const before = /** @type {Record<string, unknown>} */ (isObject(this.deadLetter.headers) ? this.deadLetter.headers : {});
    const kept = new Set(this.headers.map(({ name }) => name.trim()));
    const removed = Object.keys(before).filter((name) => !kept.has(name));
    const set = this.headers.filter(({ name, value, type }) => name.trim() !== '' && type === TEXT && before[name.trim()] !== value);
    return Object.fromEntries([...removed.map((name) => [name, null]), ...set.map(({ name, value }) => [name.trim(), value])]);
  }

  /** @returns {Difference[]} */
  get differences() {
    const { deadLetter } = this;
    const before = /** @type {Record<string, unknown>} */ (isObject(deadLetter.headers) ? deadLetter.headers : {});
    const headers = Object.entries(/** @type {Record<string, string | null>} */ (this.edit['headers'] ?? {})).map(([name, value]) => ({
      name: `header ${name}`,
      before: name in before ? JSON.stringify(before[name]) : null,
      after: value === null ? null : JSON.stringify(value),
    }));
    const fields = [
      { name: 'event type', before: deadLetter.eventType ?? '', after: this.eventType },
      { name: 'aggregate id', before: deadLetter.aggregateId ?? '', after: this.aggregateId },
    ].filter((field) => field.before !== field.after);
    const payload = 'payload' in this.edit
      ? [{ name: 'payload', before: deadLetter.payload === null ? null : this.payloadLocked ? '(large)' : this.shown, after: this.tombstone ? null : this.payload }]
      : [];
    return [...fields, ...payload, ...headers];
  }

  view() {
    const { deadLetter } = this;
    const parked = deadLetter.ordered;
    return html`
      <label class="field"><span>Event type</span>
        <input .value=${this.eventType} @input=${(/** @type {any} */ e) => this.#set('eventType', e.target.value)} />
      </label>
      <label class="field"><span>Aggregate id</span>
        <input .value=${this.aggregateId} ?disabled=${parked} @input=${(/** @type {any} */ e) => this.#set('aggregateId', e.target.value)} />
        ${parked ? html`<small>The aggregate id of an event that blocks others cannot be changed, because their order depends on it.</small>` : nothing}
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
            <input aria-label="Value of header ${index + 1}" placeholder="value" .value=${header.value} @input=${(/** @type {any} */ e) => this.#setHeader(index, { ...header, value: e.target.value, type: TEXT })} />
            ${this.#typeField(header, index)}
            <button class="quiet" aria-label="Remove header ${header.name}" @click=${() => this.#setHeader(index, null)}>${icon('bin')}</button>
          </div>`,
        )}
        <button class="quiet" @click=${() => this.#setHeader(this.headers.length, { name: '', value: '', type: TEXT })}>Add a header</button>
        ${this.headers.some(({ type }) => type !== TEXT) ? html`<p class="muted">A header must be text to be published; choose text for those that are not.</p>` : nothing}
      </fieldset>
      ${differencesView(this.differences)}
    `;
  }

  /** @param {Header} header @param {number} index */
  #typeField(header, index) {
    const types = [...new Set([TEXT, header.type])];
    return html`<select
      aria-label="Type of header ${index + 1}" ?disabled=${types.length === 1}
      @change=${(/** @type {any} */ e) => this.#setHeader(index, { ...header, type: e.target.value })}
    >
      ${types.map((type) => html`<option value=${type} ?selected=${type === header.type}>${type}</option>`)}
    </select>`;
  }

  #payloadField() {
    if (this.payloadLocked) {
      return html`<p class="muted">The payload is too large to be changed here; it stays as it is. The command dead-letters edit can replace it by a file.</p>`;
    }
    const { mistake: wrong, deadLetter } = this;
    const told = wrong || (deadLetter.payloadFormat === 'json' ? 'This is JSON.' : deadLetter.payloadFormat === 'base64' ? 'Bytes, in base64.' : 'Text.');
    return html`<label class="field"><span>Payload</span>
        <textarea
          class="mono" rows="12" spellcheck="false" aria-describedby="payload-check" aria-invalid=${wrong !== ''}
          .value=${this.payload} @input=${(/** @type {any} */ e) => this.#set('payload', e.target.value)}
        ></textarea>
      </label>
      <p id="payload-check" class="checked ${wrong ? 'wrong' : ''}" role="status">${icon(wrong ? 'stop' : 'check')} ${told}
        ${deadLetter.payloadFormat === 'json' && !wrong
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

/** @param {unknown} value */
function typeOf(value) {
  return typeof value === 'string' ? TEXT : value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
