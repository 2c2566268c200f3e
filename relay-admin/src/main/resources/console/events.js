import { html, nothing } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { icon } from './icons.js';
import { Pager } from './pager.js';
import { ViewElement } from './view-element.js';
import { place } from './page-address.js';
import { relay } from './api-client.js';
import { statusLook } from './statuses.js';
import { asSentence, fullTime, localTime, shortId, time } from './format.js';

/** @import { Delivery, RecentEvent } from './types.js' */

const PAGE = 50;
const EVERY_MILLIS = 5000;

/** The place where the broker has stored an event, in the broker's terms; null if it is not known. @param {Delivery | null} delivery */
export function whereStored(delivery) {
  if (delivery === null) {
    return null;
  }
  if (delivery.partition !== null) {
    return `${delivery.destination}, partition ${delivery.partition}${delivery.offset === null ? '' : `, offset ${delivery.offset}`}`;
  }
  return delivery.routingKey === null
    ? delivery.destination
    : `${delivery.destination === '' ? 'default exchange' : `exchange ${delivery.destination}`}, key ${delivery.routingKey}`;
}

/** The latest events that the outbox holds, with the status and the place of each at the broker. */
class Events extends ViewElement {
  /** @type {RecentEvent[]} */
  #items = [];
  #loaded = false;
  #refusal = '';
  #loads = 0;
  #pager = new Pager(PAGE, () => this.#load());

  begin() {
    this.follow(place, 'change', () => place.view === 'events' && this.#restart());
    // Only the first page is updated, because on a later page the rows would move while they are read.
    this.every(EVERY_MILLIS, () => this.#pager.first && this.#load());
    this.#load();
  }

  #restart() {
    this.#pager.restart();
    this.#load();
  }

  async #load() {
    const load = ++this.#loads;
    try {
      const page = await relay.get('recent-events', { ...place.query, ...this.#pager.query });
      if (load !== this.#loads) {
        return;
      }
      this.#items = page.items;
      this.#pager.next = page.next;
      this.#loaded = true;
      this.#refusal = '';
    } catch (failure) {
      this.#refusal = String(/** @type {Error} */ (failure).message);
    }
    this.update();
  }

  view() {
    const { query } = place;
    const field = (/** @type {string} */ name, /** @type {string} */ label) => html`<label>
      <span>${label}</span><input name=${name} .value=${query[name] ?? ''} autocomplete="off" spellcheck="false" />
    </label>`;
    const moment = (/** @type {string} */ name, /** @type {string} */ label) => html`<label>
      <span>${label}</span>
      <input type="datetime-local" step="1" name=${name} .value=${query[name] ? localTime(query[name]) : ''} />
    </label>`;
    return html`<section class="card" aria-labelledby="events-title">
      <header class="section">
        <h2 id="events-title">Recent events</h2>
        ${this.#pager.view(this.#loaded ? this.#items.length : null)}
      </header>
      <p class="muted">The latest events first, as long as <code>outbox.retention</code> keeps them. This relay knows where its last 10,000 messages are.</p>
      <form class="filters" role="search" aria-label="Filter" @submit=${(/** @type {SubmitEvent} */ e) => this.#filter(e)}>
        ${field('type', 'Event type')} ${field('aggregateType', 'Aggregate type')} ${field('aggregate', 'Aggregate id')}
        ${moment('since', 'Written since')} ${moment('until', 'Written before')}
        <button type="submit">${icon('search')} Filter</button>
      </form>
      ${this.#refusal ? html`<p class="refusal" role="alert">${asSentence(this.#refusal)}</p>` : nothing}
      ${this.#items.length > 0 ? this.#table() : this.#none(Object.keys(query).length > 0)}
    </section>`;
  }

  /** @param {SubmitEvent} event */
  #filter(event) {
    event.preventDefault();
    const query = Object.fromEntries(
      [...new FormData(/** @type {HTMLFormElement} */ (event.target))].map(([name, value]) => [name, String(value).trim()]),
    );
    for (const name of ['since', 'until'].filter((moment) => query[moment])) {
      query[name] = new Date(query[name]).toISOString();
    }
    place.go('events', query);
  }

  #table() {
    return html`<div class="scroll">
      <table class="stack rows">
        <thead>
          <tr><th class="n">Sequence</th><th>Status</th><th>Event type</th><th>Aggregate</th><th>Stored at</th><th class="n">Written</th></tr>
        </thead>
        <tbody>
          ${repeat(
            this.#items,
            (one) => one.seq,
            (one) => this.#row(one),
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {RecentEvent} one */
  #row(one) {
    const seq = /** @type {number} */ (one.seq);
    const status = statusLook(one.status);
    return html`<tr @click=${(/** @type {any} */ e) => e.target.closest('a,input,button') || place.show('event', seq)}>
      <th scope="row" class="n" data-of="Sequence"><button class="link" data-row @click=${() => place.show('event', seq)}>${seq}</button></th>
      <td data-of="Status"><span class="tag ${status.tone}">${status.word}</span></td>
      <td data-of="Event type" class="id" title=${one.eventType ?? ''}>${shortId(one.eventType ?? '–', 36)}</td>
      <td data-of="Aggregate" class="id" title=${one.aggregateId ?? ''}>${shortId(one.aggregateId ?? '–', 36)} <span class="muted">${one.aggregateType ?? ''}</span></td>
      <td data-of="Stored at" class="id">${whereStored(one.delivery) ?? html`<span class="muted">–</span>`}</td>
      <td data-of="Written" class="n" title=${fullTime(one.createdAt)}>${time(one.createdAt)}</td>
    </tr>`;
  }

  /** @param {boolean} filtered */
  #none(filtered) {
    return this.#loaded
      ? html`<div class="nothing">
          ${icon('search')}
          <p>${filtered ? 'No event that is still kept matches the filter.' : 'The outbox holds no event: none was written yet, or outbox.retention has removed them.'}</p>
        </div>`
      : nothing;
  }
}

customElements.define('view-events', Events);
