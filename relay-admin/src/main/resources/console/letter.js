import { html, nothing } from './lib/lit-html/lit-html.js';
import { perform } from './deeds.js';
import { Draft } from './draft.js';
import { icon } from './icons.js';
import { pretty } from './payload.js';
import { Part } from './part.js';
import { place } from './place.js';
import { relay, Refused } from './relay.js';
import { toasts } from './toasts.js';
import { ago, fullTime, many, sentence, time } from './words.js';

/** @import { Deed } from './deeds.js' */
/** @import { DeadLetterDetail } from './types.js' */

/**
 * All of one dead letter, beside the list that it was chosen from; and a draft of it while it is edited.
 *
 * Events: `changed` when something was done, or is not as it was any more.
 */
class LetterDrawer extends Part {
  /** @type {DeadLetterDetail | null} */
  #letter = null;
  /** @type {Draft | null} */
  #draft = null;
  #seq = 0;
  #open = false;
  #refusal = '';
  #outdated = false;

  /** @param {number} seq */
  async open(seq) {
    await this.#show(seq);
  }

  /** @param {number} seq */
  async edit(seq) {
    await this.#show(seq);
    this.#startEditing();
  }

  /** @param {number} seq */
  async #show(seq) {
    this.#seq = seq;
    this.#open = true;
    this.#letter = null;
    this.#draft = null;
    this.#refusal = '';
    this.#outdated = false;
    this.update();
    await this.#load();
  }

  async #load() {
    try {
      this.#letter = await relay.get(`dead-letters/${this.#seq}`);
      this.#refusal = '';
      this.#outdated = false;
    } catch (failure) {
      this.#letter = null;
      this.#refusal = String(/** @type {Error} */ (failure).message);
      this.#changed();
    }
    this.update();
  }

  #changed() {
    this.dispatchEvent(new Event('changed'));
  }

  drawn() {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open) {
      dialog.showModal();
    }
  }

  #close() {
    this.querySelector('dialog')?.close();
    this.#open = false;
    this.update();
  }

  /** What was written is not thrown away by a key pressed in error. @param {Event} event */
  #cancel(event) {
    if (this.#draft?.changed) {
      event.preventDefault();
      toasts.tell('What you wrote is not saved: save it, or cancel the edit first');
    } else {
      this.#close();
    }
  }

  #startEditing() {
    if (this.#letter) {
      this.#draft = new Draft(this.#letter, () => this.update());
      this.update();
    }
  }

  /** @param {Deed} deed */
  async #perform(deed) {
    const letter = this.#letter;
    if (!letter) {
      return;
    }
    const done = await perform(deed, { seqs: [letter.seq] }, `of aggregate ${letter.aggregateId ?? '–'}`);
    this.#changed();
    if (done) {
      this.#close();
    } else {
      this.#load();
    }
  }

  /** @param {boolean} retry */
  async #save(retry) {
    const { letter, draft } = { letter: this.#letter, draft: this.#draft };
    if (!letter || !draft) {
      return;
    }
    try {
      await relay.patch(`dead-letters/${letter.seq}`, letter.version, { ...draft.edit, retry });
      toasts.tell(retry ? `Dead letter ${letter.seq} is changed and published again` : `Dead letter ${letter.seq} is changed`);
      this.#draft = null;
      if (retry) {
        this.#close();
      } else {
        this.#load();
      }
    } catch (failure) {
      this.#refusal = String(/** @type {Error} */ (failure).message);
      this.#outdated = failure instanceof Refused && (failure.status === 409 || failure.status === 404);
      this.update();
    }
    this.#changed();
  }

  #reload() {
    this.#draft = null;
    this.#load();
  }

  view() {
    if (!this.#open) {
      return nothing;
    }
    return html`<dialog class="drawer" aria-labelledby="letter-title" @cancel=${(/** @type {Event} */ e) => this.#cancel(e)}>
      <header>
        <div>
          <p class="muted">Dead letter</p>
          <h2 id="letter-title">${this.#seq}</h2>
        </div>
        <button class="quiet" aria-label="Close" @click=${() => this.#close()}>${icon('close')}</button>
      </header>
      ${this.#refusal
        ? html`<div class="refusal" role="alert">
            <p>${sentence(this.#refusal)}</p>
            ${this.#outdated ? html`<button @click=${() => this.#reload()}>${icon('again')} Show it as it is now</button>` : nothing}
          </div>`
        : nothing}
      ${this.#letter ? (this.#draft ? this.#editing(this.#draft) : this.#showing(this.#letter)) : nothing}
    </dialog>`;
  }

  /** @param {Draft} draft */
  #editing(draft) {
    return html`<div class="body">${draft.view()}</div>
      <footer class="buttons">
        <button @click=${() => ((this.#draft = null), (this.#refusal = ''), this.update())}>Cancel</button>
        <button ?disabled=${!draft.ready} @click=${() => this.#save(false)}>Save</button>
        <button class="primary" ?disabled=${!draft.ready} @click=${() => this.#save(true)}>Save and retry</button>
      </footer>`;
  }

  /** @param {DeadLetterDetail} letter */
  #showing(letter) {
    const busy = letter.state === 'retried';
    return html`<div class="body">
        <p class="why ${letter.attempts === 0 ? 'calm' : ''}">${sentence(letter.reason)}</p>
        ${letter.defect ? html`<p class="refusal">It cannot become a message as it is: ${sentence(letter.defect)}</p>` : nothing}
        <p>${this.#situation(letter)}</p>
        <dl class="facts">
          <div><dt>State</dt><dd>${letter.state}</dd></div>
          <div><dt>Aggregate</dt><dd><a href=${place.address('find', { what: letter.aggregateId ?? '' })} @click=${() => this.#close()}>${letter.aggregateId ?? '–'}</a> <span class="muted">${letter.aggregateType ?? ''}</span></dd></div>
          <div><dt>Event type</dt><dd>${letter.eventType ?? '–'}</dd></div>
          <div><dt>Event id</dt><dd class="mono">${letter.id ?? '–'}</dd></div>
          <div><dt>Destination</dt><dd>${letter.destination ?? '–'}</dd></div>
          <div><dt>Tried</dt><dd>${letter.attempts === 1 ? 'once' : `${letter.attempts} times`}, last <span title=${fullTime(letter.time)}>${time(letter.time)}</span></dd></div>
          <div><dt>Written</dt><dd title=${fullTime(letter.createdAt)}>${time(letter.createdAt)} <span class="muted">(${ago(letter.createdAt)})</span></dd></div>
          <div><dt>Set aside</dt><dd title=${fullTime(letter.buriedAt)}>${time(letter.buriedAt)} <span class="muted">(${ago(letter.buriedAt)})</span></dd></div>
        </dl>
        <h3>Payload</h3>
        ${letter.payload === null
          ? html`<p class="muted">None: a tombstone.</p>`
          : html`<pre tabindex="0">${pretty(letter.payload, letter.payloadFormat)}</pre>`}
        <h3>Headers</h3>
        ${this.#headers(letter.headers)}
      </div>
      <footer class="buttons">
        <button class="danger-text" ?disabled=${busy} @click=${() => this.#perform('discard')}>${icon('bin')} Discard</button>
        <button ?disabled=${busy} @click=${() => this.#startEditing()}>${icon('pencil')} Edit</button>
        <button class="primary" ?disabled=${busy} @click=${() => this.#perform('retry')}>${icon('again')} Retry</button>
      </footer>`;
  }

  /** @param {DeadLetterDetail} letter */
  #situation(letter) {
    if (letter.state === 'retried') {
      return 'It is being retried right now.';
    }
    const behind = letter.behind > 0 ? `${many(letter.behind, 'event')} of its aggregate must go first. ` : '';
    return letter.followers > 0
      ? html`${behind}<a href=${place.address('dead-letters', { aggregate: letter.aggregateId ?? '' })} @click=${() => this.#close()}>${many(letter.followers, 'event')} of its aggregate ${letter.followers === 1 ? 'waits' : 'wait'} behind it</a>.`
      : `${behind}Nothing waits behind it.`;
  }

  /** @param {unknown} headers */
  #headers(headers) {
    if (headers === null || headers === undefined) {
      return html`<p class="muted">None of its own.</p>`;
    }
    if (typeof headers !== 'object' || Array.isArray(headers)) {
      return html`<pre tabindex="0">${JSON.stringify(headers)}</pre>`;
    }
    return html`<dl class="facts">
      ${Object.entries(headers).map(
        ([name, value]) => html`<div><dt>${name}</dt><dd class="mono">${typeof value === 'string' ? value : JSON.stringify(value)}</dd></div>`,
      )}
    </dl>`;
  }
}

customElements.define('relay-letter', LetterDrawer);

export const letterDrawer = /** @type {LetterDrawer} */ (document.querySelector('relay-letter'));
