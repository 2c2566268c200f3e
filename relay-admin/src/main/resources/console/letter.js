import { html, nothing } from './lib/lit-html/lit-html.js';
import { headersView, payloadView } from './content.js';
import { perform } from './deeds.js';
import { Draft } from './draft.js';
import { icon } from './icons.js';
import { outcomeOf } from './outcome.js';
import { Part } from './part.js';
import { place } from './place.js';
import { relay, Refused } from './relay.js';
import { toasts } from './toasts.js';
import { ago, fullTime, many, sentence, shortId, time } from './words.js';

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
  #all = false;
  /** The letter that is to be edited once it is shown. */
  #editOnArrival = 0;
  /** Of the last retry. @type {{tone: 'info' | 'good' | 'bad', sentence: string} | null} */
  #outcome = null;
  /** Grows with each letter that is shown, so that a late answer about another one is dropped. */
  #runs = 0;

  begin() {
    this.follow(place, 'item', () => this.#arrive());
    this.#arrive();
  }

  /** @param {number} seq */
  edit(seq) {
    this.#editOnArrival = seq;
    place.show('letter', seq);
  }

  /** The address says which letter is shown. */
  #arrive() {
    const { item } = place;
    if (item?.kind === 'letter') {
      this.#show(item.seq);
    } else if (this.#open && this.#draft?.changed) {
      toasts.tell('Your changes are not saved: save them, or cancel the edit first');
      place.show('letter', this.#seq);
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
    this.#letter = null;
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
    this.#draft = null;
    this.querySelector('dialog')?.close();
    this.#open = false;
    this.#runs++;
    this.update();
    place.showNone();
  }

  /** What was written is not thrown away by a key pressed in error. @param {Event} event */
  #cancel(event) {
    if (this.#draft?.changed) {
      event.preventDefault();
      toasts.tell('Your changes are not saved: save them, or cancel the edit first');
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
    const done = await perform(deed, { seqs: [letter.seq] }, `of aggregate ${shortId(letter.aggregateId ?? '–')}`, { silent: true });
    this.#changed();
    if (done && deed === 'discard') {
      this.#close();
    } else if (done) {
      await this.#awaitOutcome(letter);
    } else {
      this.#load();
    }
  }

  /** Shows what the broker answered to a retry; in passing if the drawer is closed by then. @param {DeadLetterDetail} letter */
  async #awaitOutcome(letter) {
    const run = this.#runs;
    this.#outcome = { tone: 'info', sentence: 'Being retried: the broker has not answered yet' };
    this.update();
    const outcome = await outcomeOf(letter);
    const tone = outcome === null ? 'info' : outcome.accepted ? 'good' : 'bad';
    const told = outcome?.sentence ?? `Event ${letter.seq} got no answer from the broker for a minute; the list shows the outcome when it is known`;
    this.#changed();
    if (run !== this.#runs) {
      if (tone === 'bad') {
        toasts.tellFailure(told);
      } else {
        toasts.tell(told);
      }
      return;
    }
    this.#outcome = { tone, sentence: told };
    if (tone === 'good') {
      this.#letter = null;
      this.update();
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
      toasts.tell(retry ? `Dead letter ${letter.seq} is changed and being retried` : `Dead letter ${letter.seq} is changed`);
      this.#draft = null;
      this.#refusal = '';
      if (retry) {
        this.#awaitOutcome(letter);
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
      ${this.#outcome
        ? html`<div class="outcome ${this.#outcome.tone}" role="status">
            <p>${sentence(this.#outcome.sentence)}</p>
            ${this.#outcome.tone === 'good' ? html`<p><a href=${place.addressOf('event', this.#seq)}>Show the event</a></p>` : nothing}
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
          <div><dt>Aggregate</dt><dd><a href=${place.address('find', { what: letter.aggregateId ?? '' })}>${letter.aggregateId ?? '–'}</a> <span class="muted">${letter.aggregateType ?? ''}</span></dd></div>
          <div><dt>Event type</dt><dd>${letter.eventType ?? '–'}</dd></div>
          <div><dt>Event id</dt><dd class="mono">${letter.id ?? '–'}</dd></div>
          <div><dt>Destination</dt><dd>${letter.destination ?? '–'}</dd></div>
          <div><dt>Tried</dt><dd>${letter.attempts === 1 ? 'once' : `${letter.attempts} times`}, last at <span title=${fullTime(letter.time)}>${time(letter.time)}</span></dd></div>
          <div><dt>Written</dt><dd title=${fullTime(letter.createdAt)}>${time(letter.createdAt)} <span class="muted">(${ago(letter.createdAt)})</span></dd></div>
          <div><dt>${letter.attempts > 0 ? 'Rejected since' : 'Waits since'}</dt><dd title=${fullTime(letter.buriedAt)}>${time(letter.buriedAt)} <span class="muted">(${ago(letter.buriedAt)})</span></dd></div>
        </dl>
        <h3>Payload</h3>
        ${payloadView(letter.payload, letter.payloadFormat, {
          name: `dead-letter-${letter.seq}`,
          all: this.#all,
          showAll: () => ((this.#all = true), this.update()),
        })}
        <h3>Headers</h3>
        ${headersView(letter.headers)}
      </div>
      <footer class="buttons changes">
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
    const behind = letter.behind > 0 ? `${many(letter.behind, 'event')} of its aggregate must be published or discarded first. ` : '';
    return letter.followers > 0
      ? html`${behind}<a href=${place.address('dead-letters', { aggregate: letter.aggregateId ?? '', others: 'true' })}>${many(letter.followers, 'event')} of its aggregate ${letter.followers === 1 ? 'is' : 'are'} blocked behind it</a>.`
      : `${behind}No event is blocked behind it.`;
  }
}

customElements.define('relay-letter', LetterDrawer);

export const letterDrawer = /** @type {LetterDrawer} */ (document.querySelector('relay-letter'));
