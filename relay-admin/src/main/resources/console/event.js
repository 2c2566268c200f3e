import { html, nothing } from './lib/lit-html/lit-html.js';
import { headersView, payloadView } from './payload-view.js';
import { whereStored } from './events.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { place } from './page-address.js';
import { relay } from './api-client.js';
import { DEAD_LETTERS, statusLook } from './statuses.js';
import { ago, asSentence, fullTime, time } from './format.js';

/** @import { RecentEventDetail } from './types.js' */

/** The drawer with all details of one event of the outbox, beside the list. Its address contains `event=…`. */
class EventDrawer extends ViewElement {
  /** @type {RecentEventDetail | null} */
  #event = null;
  #seq = 0;
  #open = false;
  #all = false;
  #refusal = '';

  begin() {
    this.follow(place, 'item', () => this.#arrive());
    this.#arrive();
  }

  #arrive() {
    const { item } = place;
    if (item?.kind === 'event') {
      this.#show(item.seq);
    } else if (this.#open) {
      this.querySelector('dialog')?.close();
      this.#open = false;
      this.update();
    }
  }

  /** @param {number} seq */
  async #show(seq) {
    this.#seq = seq;
    this.#open = true;
    this.#event = null;
    this.#all = false;
    this.#refusal = '';
    this.update();
    try {
      this.#event = await relay.get(`recent-events/${seq}`);
    } catch (failure) {
      this.#refusal = String(/** @type {Error} */ (failure).message);
    }
    this.update();
  }

  drawn() {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open) {
      dialog.showModal();
    }
  }

  #close() {
    this.querySelector('dialog')?.close();
    place.showNone();
  }

  view() {
    if (!this.#open) {
      return nothing;
    }
    return html`<dialog class="drawer" aria-labelledby="event-title" @cancel=${() => this.#close()}>
      <header>
        <div>
          <p class="muted">Event</p>
          <h2 id="event-title">${this.#seq}</h2>
        </div>
        <button class="quiet" aria-label="Close" @click=${() => this.#close()}>${icon('close')}</button>
      </header>
      ${this.#refusal ? html`<div class="refusal" role="alert"><p>${asSentence(this.#refusal)}</p></div>` : nothing}
      ${this.#event ? this.#showing(this.#event) : nothing}
    </dialog>`;
  }

  /** @param {RecentEventDetail} event */
  #showing(event) {
    const status = statusLook(event.status);
    return html`<div class="body">
      <p><span class="tag ${status.tone}">${status.word}</span> ${asSentence(event.message)}</p>
      ${DEAD_LETTERS.includes(event.status) ? html`<p><a href=${place.addressOf('dead-letter', this.#seq)}>Show the dead letter</a></p>` : nothing}
      <dl class="facts">
        <div><dt>Stored at</dt><dd>${whereStored(event.delivery) ?? html`<span class="muted">not known to this relay: another one published it, or it is not among the last 10,000 since the start</span>`}</dd></div>
        ${event.delivery ? html`<div><dt>Confirmed</dt><dd title=${fullTime(event.delivery.at)}>${time(event.delivery.at)}</dd></div>` : nothing}
        <div><dt>Written</dt><dd title=${fullTime(event.createdAt)}>${time(event.createdAt)} <span class="muted">(${ago(event.createdAt)})</span></dd></div>
        <div><dt>Aggregate</dt><dd><a href=${place.address('find', { what: event.aggregateId ?? '' })}>${event.aggregateId ?? '–'}</a> <span class="muted">${event.aggregateType ?? ''}</span></dd></div>
        <div><dt>Event type</dt><dd>${event.eventType ?? '–'}</dd></div>
        <div><dt>Event id</dt><dd class="mono">${event.id ?? '–'}</dd></div>
      </dl>
      <h3>Payload</h3>
      ${event.payloadFormat === null
        ? html`<p class="muted">Not kept any more.</p>`
        : payloadView(event.payload, event.payloadFormat, {
            name: `event-${this.#seq}`,
            incomplete: event.payloadIncomplete,
            all: this.#all,
            showAll: () => ((this.#all = true), this.update()),
          })}
      <h3>Headers</h3>
      ${headersView(event.headers, event.headersIncomplete)}
    </div>`;
  }
}

customElements.define('relay-event', EventDrawer);
