import { html, nothing } from './lib/lit-html/lit-html.js';
import { headersView, payloadView } from './payload-view.js';
import { perform } from './bulk-commands.js';
import { Draft } from './dead-letter-draft.js';
import { icon } from './icons.js';
import { outcomeOf } from './retry-outcome.js';
import { ViewElement } from './view-element.js';
import { place } from './page-address.js';
import { relay, Refused } from './api-client.js';
import { toasts } from './toasts.js';
import { ago, asSentence, fullTime, many, shortId, time } from './format.js';

/** @import { Command } from './bulk-commands.js' */
/** @import { DeadLetterDetail } from './types.js' */

/**
 * The drawer with all details of one dead letter, beside the list; while the letter is edited, it shows a draft.
 *
 * Events: `changed` if the dead letter was changed here or elsewhere.
 */
class DeadLetterDrawer extends ViewElement {
  /** @type {DeadLetterDetail | null} */
  #deadLetter = null;
  /** @type {Draft | null} */
  #draft = null;
  #seq = 0;
  #open = false;
  #refusal = '';
  #outdated = false;
  #all = false;
  /** The sequence number of a dead letter that is to be edited once it is shown; 0 for none. */
  #editOnArrival = 0;
  /** The outcome of the last retry. @type {{tone: 'info' | 'good' | 'bad', message: string} | null} */
  #outcome = null;
  /** Grows with each dead letter that is shown, so that a late answer about another one is dropped. */
  #runs = 0;

  begin() {
    this.follow(place, 'item', () => this.#arrive());
    this.#arrive();
  }

  /** @param {number} seq */
  edit(seq) {
    this.#editOnArrival = seq;
    place.show('dead-letter', seq);
  }

  /** Shows the dead letter that the address names. */
  #arrive() {
    const { item } = place;
    if (item?.kind === 'dead-letter') {
      this.#show(item.seq);
    } else if (this.#open && this.#draft?.changed) {
      toasts.tell('Your changes are not saved: save them, or cancel the edit first');
      place.show('dead-letter', this.#seq);
    } else if (this.#open) {
      this.querySelector('dialog')?.close();
      this.#open = false;
      this.#runs++;
      this.update();
    }
  }

  /** @param {number} seq */
  async #show(seq) {
    if (this.#open && this.#seq === seq) {
      return;
    }
    this.#seq = seq;
    this.#open = true;
    this.#runs++;
    this.#deadLetter = null;
    this.#draft = null;
    this.#outcome = null;
    this.#all = false;
    this.#refusal = '';
    this.#outdated = false;
    this.update();
    const edit = this.#editOnArrival === seq;
    this.#editOnArrival = 0;
    await this.#load();
    if (edit && this.#seq === seq) {
      this.#startEditing();
    }
  }

  async #load() {
    try {
      this.#deadLetter = await relay.get(`dead-letters/${this.#seq}`);
      this.#refusal = '';
      this.#outdated = false;
    } catch (failure) {
      this.#deadLetter = null;
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
    this.#draft = null;
    this.querySelector('dialog')?.close();
    this.#open = false;
    this.#runs++;
    this.update();
    place.showNone();
  }

  /** Keeps an unsaved edit if the Escape key was pressed. @param {Event} event */
  #cancel(event) {
    if (this.#draft?.changed) {
      event.preventDefault();
      toasts.tell('Your changes are not saved: save them, or cancel the edit first');
    } else {
      this.#close();
    }
  }

  #startEditing() {
    if (this.#deadLetter) {
      this.#draft = new Draft(this.#deadLetter, () => this.update());
      this.update();
    }
  }

  /** @param {Command} command */
  async #perform(command) {
    const deadLetter = this.#deadLetter;
    if (!deadLetter) {
      return;
    }
    const done = await perform(command, { seqs: [deadLetter.seq] }, `of aggregate ${shortId(deadLetter.aggregateId ?? '–')}`, { silent: true });
    this.#changed();
    if (done && command === 'discard') {
      this.#close();
    } else if (done) {
      await this.#awaitOutcome(deadLetter);
    } else {
      this.#load();
    }
  }

  /** Shows the outcome of a retry: in the drawer, or as a toast if the drawer is closed by then. @param {DeadLetterDetail} deadLetter */
  async #awaitOutcome(deadLetter) {
    const run = this.#runs;
    this.#outcome = { tone: 'info', message: 'Being retried: the broker has not answered yet' };
    this.update();
    const outcome = await outcomeOf(deadLetter);
    const tone = outcome === null ? 'info' : outcome.accepted ? 'good' : 'bad';
    const told = outcome?.message ?? `Event ${deadLetter.seq} got no answer from the broker for a minute; the list shows the outcome when it is known`;
    this.#changed();
    if (run !== this.#runs) {
      if (tone === 'bad') {
        toasts.tellFailure(told);
      } else {
        toasts.tell(told);
      }
      return;
    }
    this.#outcome = { tone, message: told };
    if (tone === 'good') {
      this.#deadLetter = null;
      this.update();
    } else {
      this.#load();
    }
  }

  /** @param {boolean} retry */
  async #save(retry) {
    const { deadLetter, draft } = { deadLetter: this.#deadLetter, draft: this.#draft };
    if (!deadLetter || !draft) {
      return;
    }
    try {
      await relay.patch(`dead-letters/${deadLetter.seq}`, deadLetter.version, { ...draft.edit, retry });
      toasts.tell(retry ? `Dead letter ${deadLetter.seq} is changed and being retried` : `Dead letter ${deadLetter.seq} is changed`);
      this.#draft = null;
      this.#refusal = '';
      if (retry) {
        this.#awaitOutcome(deadLetter);
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
            <p>${asSentence(this.#refusal)}</p>
            ${this.#outdated ? html`<button @click=${() => this.#reload()}>${icon('again')} Show it as it is now</button>` : nothing}
          </div>`
        : nothing}
      ${this.#outcome
        ? html`<div class="outcome ${this.#outcome.tone}" role="status">
            <p>${asSentence(this.#outcome.message)}</p>
            ${this.#outcome.tone === 'good' ? html`<p><a href=${place.addressOf('event', this.#seq)}>Show the event</a></p>` : nothing}
          </div>`
        : nothing}
      ${this.#deadLetter ? (this.#draft ? this.#editing(this.#draft) : this.#showing(this.#deadLetter)) : nothing}
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

  /** @param {DeadLetterDetail} deadLetter */
  #showing(deadLetter) {
    const busy = deadLetter.state === 'retried';
    return html`<div class="body">
        <p class="why ${deadLetter.attempts === 0 ? 'calm' : ''}">${asSentence(deadLetter.reason)}</p>
        ${deadLetter.defect ? html`<p class="refusal">It cannot become a message as it is: ${asSentence(deadLetter.defect)}</p>` : nothing}
        <p>${this.#situation(deadLetter)}</p>
        <dl class="facts">
          <div><dt>State</dt><dd>${deadLetter.state}</dd></div>
          <div><dt>Aggregate</dt><dd><a href=${place.address('find', { what: deadLetter.aggregateId ?? '' })}>${deadLetter.aggregateId ?? '–'}</a> <span class="muted">${deadLetter.aggregateType ?? ''}</span></dd></div>
          <div><dt>Event type</dt><dd>${deadLetter.eventType ?? '–'}</dd></div>
          <div><dt>Event id</dt><dd class="mono">${deadLetter.id ?? '–'}</dd></div>
          <div><dt>Destination</dt><dd>${deadLetter.destination ?? '–'}</dd></div>
          <div><dt>Tried</dt><dd>${deadLetter.attempts === 1 ? 'once' : `${deadLetter.attempts} times`}, last at <span title=${fullTime(deadLetter.time)}>${time(deadLetter.time)}</span></dd></div>
          <div><dt>Written</dt><dd title=${fullTime(deadLetter.createdAt)}>${time(deadLetter.createdAt)} <span class="muted">(${ago(deadLetter.createdAt)})</span></dd></div>
          <div><dt>${deadLetter.attempts > 0 ? 'Rejected since' : 'Waits since'}</dt><dd title=${fullTime(deadLetter.deadLetteredAt)}>${time(deadLetter.deadLetteredAt)} <span class="muted">(${ago(deadLetter.deadLetteredAt)})</span></dd></div>
        </dl>
        <h3>Payload</h3>
        ${payloadView(deadLetter.payload, deadLetter.payloadFormat, {
          name: `dead-letter-${deadLetter.seq}`,
          incomplete: deadLetter.payloadIncomplete,
          all: this.#all,
          showAll: () => ((this.#all = true), this.update()),
        })}
        <h3>Headers</h3>
        ${headersView(deadLetter.headers, deadLetter.headersIncomplete)}
      </div>
      <footer class="buttons changes">
        <button class="danger-text" ?disabled=${busy} @click=${() => this.#perform('discard')}>${icon('bin')} Discard</button>
        <button ?disabled=${busy} @click=${() => this.#startEditing()}>${icon('pencil')} Edit</button>
        <button class="primary" ?disabled=${busy} @click=${() => this.#perform('retry')}>${icon('again')} Retry</button>
      </footer>`;
  }

  /** @param {DeadLetterDetail} deadLetter */
  #situation(deadLetter) {
    if (deadLetter.state === 'retried') {
      return 'It is being retried right now.';
    }
    const behind = deadLetter.eventsBefore > 0 ? `${many(deadLetter.eventsBefore, 'event')} of its aggregate must be published or discarded first. ` : '';
    return deadLetter.eventsBehind > 0
      ? html`${behind}<a href=${place.address('dead-letters', { aggregate: deadLetter.aggregateId ?? '', others: 'true' })}>${many(deadLetter.eventsBehind, 'event')} of its aggregate ${deadLetter.eventsBehind === 1 ? 'is' : 'are'} blocked behind it</a>.`
      : `${behind}No event is blocked behind it.`;
  }
}

customElements.define('relay-dead-letter', DeadLetterDrawer);

export const deadLetterDrawer = /** @type {DeadLetterDrawer} */ (document.querySelector('relay-dead-letter'));
