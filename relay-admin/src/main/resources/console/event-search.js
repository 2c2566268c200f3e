import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { place } from './page-address.js';
import { relay } from './api-client.js';
import { DEAD_LETTERS, statusLook } from './statuses.js';
import { ago, asSentence, fullTime, many, time } from './format.js';

/** @import { Event as OutboxEvent } from './types.js' */

const MOST = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Returns the possible searches for a typed text. A UUID can be an event's id or an aggregate's id, and a number a
 * sequence number or an aggregate's id. */
function readings(/** @type {string} */ what) {
  if (UUID.test(what)) {
    return [{ id: what }, { aggregate: what }];
  }
  return /^\d{1,15}$/.test(what) ? [{ seq: what }, { aggregate: what, limit: MOST }] : [{ aggregate: what, limit: MOST }];
}

/** The status of an event, or of the events of an aggregate. */
class Find extends ViewElement {
  /** @type {OutboxEvent[] | null} */
  #found = null;
  #refusal = '';
  #searches = 0;

  begin() {
    this.follow(place, 'change', () => place.view === 'find' && this.#search());
    this.#search();
  }

  drawn() {
    if (!place.query['what'] && document.activeElement === document.body) {
      this.querySelector('input')?.focus();
    }
  }

  async #search() {
    const search = ++this.#searches;
    const what = place.query['what']?.trim();
    this.#found = null;
    this.#refusal = '';
    if (what) {
      try {
        const answers = await Promise.all(readings(what).map((query) => relay.get('events', query)));
        if (search !== this.#searches) {
          return;
        }
        this.#found = known(answers.flatMap((answer) => answer.items));
      } catch (failure) {
        this.#refusal = String(/** @type {Error} */ (failure).message);
      }
    }
    this.update();
  }

  view() {
    const what = place.query['what'] ?? '';
    return html`<section class="card" aria-labelledby="find-title">
      <h2 id="find-title">Find an event or an aggregate</h2>
      <form class="search" role="search" @submit=${(/** @type {SubmitEvent} */ e) => this.#submit(e)}>
        <label class="field">
          <span class="hidden">Event or aggregate</span>
          <input name="what" class="big" type="search" .value=${what} placeholder="an event’s id or sequence number, or an aggregate’s id" autocomplete="off" spellcheck="false" />
        </label>
        <button class="primary" type="submit">${icon('search')} Find</button>
      </form>
      ${this.#refusal ? html`<p class="refusal" role="alert">${asSentence(this.#refusal)}</p>` : nothing}
      <div aria-live="polite">${this.#found ? this.#results(what, this.#found) : nothing}</div>
    </section>`;
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const what = String(new FormData(/** @type {HTMLFormElement} */ (event.target)).get('what')).trim();
    if (what === place.query['what']) {
      this.#search();
    } else {
      place.go('find', { what });
    }
  }

  /** @param {string} what @param {OutboxEvent[]} found */
  #results(what, found) {
    if (found.length === 0) {
      return html`<div class="nothing">
        ${icon('search')}
        <p>Nothing is known of “${what}”: no event with this id or sequence number and no aggregate with this id is in the outbox or the dead letters. Events that outbox.retention has removed cannot be found.</p>
      </div>`;
    }
    return html`<p class="muted">${many(found.length, 'event')}, the latest first${found.length === MOST ? '; there may be more' : ''}.</p>
      <ol class="fates">
        ${found.map((event) => this.#fate(event))}
      </ol>`;
  }

  /** @param {OutboxEvent} event */
  #fate(event) {
    const fate = statusLook(event.status);
    const dead = event.seq !== null && DEAD_LETTERS.includes(event.status);
    return html`<li class="tone-${fate.tone}">
      <span class="mark">${icon(fate.icon)}</span>
      <div>
        <h3><span class="tag ${fate.tone}">${fate.word}</span> ${event.eventType ?? ''} <span class="muted">${event.seq ?? ''}</span></h3>
        <p>${asSentence(event.message)}</p>
        <p class="muted">
          ${event.aggregateId ? html`<a href=${place.address('find', { what: event.aggregateId })}>${event.aggregateId}</a> (${event.aggregateType}) · ` : nothing}
          ${event.createdAt ? html`<span title=${fullTime(event.createdAt)}>written ${time(event.createdAt)}, ${ago(event.createdAt)}</span>` : nothing}
          ${event.id ? html` · <span class="mono">${event.id}</span>` : nothing}
        </p>
        ${dead ? html`<button @click=${() => place.show('dead-letter', /** @type {number} */ (event.seq))}>Show the dead letter</button>` : nothing}
        ${event.seq !== null && event.createdAt !== null ? html`<button class="quiet" @click=${() => place.show('event', /** @type {number} */ (event.seq))}>Show payload</button>` : nothing}
      </div>
    </li>`;
  }
}

/** Drops unknown events if another search found events; otherwise returns them as the answer. @param {OutboxEvent[]} events */
function known(events) {
  const there = events.filter((event) => event.createdAt !== null);
  return there.length > 0 ? there : events;
}

customElements.define('view-find', Find);
