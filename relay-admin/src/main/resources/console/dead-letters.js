import { html, nothing } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { perform } from './bulk-commands.js';
import { icon } from './icons.js';
import { exportDeadLetters } from './export.js';
import { deadLetterDrawer } from './dead-letter.js';
import { me } from './caller.js';
import { Pager } from './pager.js';
import { ViewElement } from './view-element.js';
import { place } from './page-address.js';
import { relay } from './api-client.js';
import { watch } from './status-poller.js';
import { asSentence, count, fullTime, localTime, many, shortId, time } from './format.js';

/** @import { Command, Selection } from './bulk-commands.js' */
/** @import { DeadLetter } from './types.js' */

const PAGE = 50;
const EVERY_MILLIS = 5000;
const FILTERS = ['aggregate', 'type', 'destination', 'reason', 'since', 'until'];

/** @type {Record<DeadLetter['state'], string>} */
const TONES = { rejected: 'bad', retried: 'good', blocked: 'warn', deferred: 'info', paused: 'info', waiting: 'info' };

/** The list of dead letters, in pages; the filters are in the address. */
class DeadLetters extends ViewElement {
  /** @type {DeadLetter[]} */
  #items = [];
  /** @type {Set<number>} */
  #chosen = new Set();
  #total = { rejected: 0, blocked: 0, deferred: 0, paused: 0, parkedAggregates: 0, isLowerBound: false };
  #loaded = false;
  #refusal = '';
  #loads = 0;
  #pager = new Pager(PAGE, () => this.#load());

  begin() {
    this.follow(place, 'change', () => place.view === 'dead-letters' && this.#restart());
    this.follow(deadLetterDrawer, 'changed', () => this.#load());
    this.follow(me, 'change');
    this.every(EVERY_MILLIS, () => this.#load());
    this.#load();
  }

  #restart() {
    this.#pager.restart();
    this.#chosen.clear();
    this.#load();
  }

  async #load() {
    const load = ++this.#loads;
    const { others = 'false', ...filters } = place.query;
    try {
      const page = await relay.get('dead-letters', { ...filters, includingBlocked: others, includingDeferred: others, ...this.#pager.query });
      if (load !== this.#loads) {
        return;
      }
      this.#items = page.items;
      this.#pager.next = page.next;
      this.#total = page.total;
      this.#loaded = true;
      this.#refusal = '';
    } catch (failure) {
      this.#refusal = String(/** @type {Error} */ (failure).message);
    }
    this.update();
  }

  /** The filters as a selection of the API, which has no states. @returns {Selection | null} */
  #matching() {
    const { query } = place;
    if (query['state']) {
      return null;
    }
    const given = Object.fromEntries(FILTERS.filter((name) => query[name]).map((name) => [name, query[name]]));
    return Object.keys(given).length === 0 ? { all: true } : given;
  }

  /** @param {Command} command */
  async #perform(command, /** @type {Selection} */ selection, /** @type {string} */ scope) {
    if (await perform(command, selection, scope)) {
      this.#chosen.clear();
    }
    this.#load();
  }

  view() {
    const { query } = place;
    const filtered = [...FILTERS, 'state'].some((name) => query[name]);
    const all = this.#total.rejected + (query['others'] !== 'true' ? 0 : this.#total.blocked + this.#total.deferred + this.#total.paused);
    return html`<section class="card" aria-labelledby="letters-title">
      <header class="section">
        <h2 id="letters-title">Dead letters</h2>
        ${this.#pager.view(this.#loaded ? this.#items.length : null, filtered ? '' : `${count(all)}${this.#total.isLowerBound ? '+' : ''}`)}
      </header>
      ${this.#filters(query)} ${this.#bulk(filtered)}
      ${this.#refusal ? html`<p class="refusal" role="alert">${asSentence(this.#refusal)}</p>` : nothing}
      ${this.#items.length > 0 ? this.#table() : this.#none(filtered)}
    </section>`;
  }

  /** @param {Record<string, string>} query */
  #filters(query) {
    const field = (/** @type {string} */ name, /** @type {string} */ label, hint = '') => html`<label>
      <span>${label}</span>
      <input name=${name} .value=${query[name] ?? ''} placeholder=${hint} autocomplete="off" />
    </label>`;
    const moment = (/** @type {string} */ name, /** @type {string} */ label) => html`<label>
      <span>${label}</span>
      <input type="datetime-local" step="1" name=${name} .value=${query[name] ? localTime(query[name]) : ''} />
    </label>`;
    return html`<form class="filters" role="search" aria-label="Filter" @submit=${(/** @type {SubmitEvent} */ e) => this.#filter(e)}>
      <label>
        <span>State</span>
        <select name="state" .value=${query['state'] ?? ''} @change=${(/** @type {any} */ e) => e.target.form.requestSubmit()}>
          ${['', 'rejected', 'retried', 'blocked', 'deferred', 'paused'].map(
            (state) => html`<option value=${state} ?selected=${(query['state'] ?? '') === state}>${state || 'any'}</option>`,
          )}
        </select>
      </label>
      ${field('aggregate', 'Aggregate', 'its id')} ${field('type', 'Event type')} ${field('destination', 'Destination', 'orders.*')}
      ${field('reason', 'Reason', 'a part of it')} ${moment('since', 'Tried since')} ${moment('until', 'Tried before')}
      <label class="check">
        <input type="checkbox" name="others" .checked=${query['others'] === 'true'} @change=${(/** @type {any} */ e) => e.target.form.requestSubmit()} />
        <span>also blocked and deferred events</span>
      </label>
      <button type="submit">${icon('search')} Filter</button>
    </form>`;
  }

  /** @param {SubmitEvent} event */
  #filter(event) {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const query = Object.fromEntries([...given].map(([name, value]) => [name, String(value).trim()]));
    for (const name of ['since', 'until'].filter((moment) => query[moment])) {
      query[name] = new Date(query[name]).toISOString();
    }
    place.go('dead-letters', { ...query, others: given.has('others') ? 'true' : '' });
  }

  /** @param {boolean} filtered */
  #bulk(filtered) {
    const chosen = [...this.#chosen];
    const matching = this.#matching();
    const some = chosen.length > 0;
    const scope = some ? 'that you chose' : filtered ? 'that match the filter' : 'in all';
    const selection = some ? { seqs: chosen } : matching;
    if (this.#items.length === 0) {
      return nothing;
    }
    return html`<div class="bulk" role="toolbar" aria-label="What to do with several">
      <span>${some ? html`<b>${many(chosen.length, 'event')}</b> chosen` : filtered ? 'All rejected events that match' : 'All rejected events'}</span>
      <button class="changes" ?disabled=${!selection} @click=${() => selection && this.#perform('retry', selection, scope)}>${icon('again')} Retry…</button>
      <button class="danger-text changes" ?disabled=${!selection} @click=${() => selection && this.#perform('discard', selection, scope)}>
        ${icon('bin')} Discard…
      </button>
      <details class="menu">
        <summary>${icon('down')} Export</summary>
        <div>
          <button @click=${() => this.#export('jsonl')}>JSON lines</button>
          <button @click=${() => this.#export('csv')}>CSV</button>
        </div>
      </details>
      ${some
        ? html`<button class="quiet" @click=${() => (this.#chosen.clear(), this.update())}>Choose none</button>`
        : selection
          ? nothing
          : html`<span class="muted">To retry or discard, choose events: a state may change while you look.</span>`}
    </div>`;
  }

  /** Exports all dead letters that match the filters, not only this page. @param {'jsonl' | 'csv'} format */
  async #export(format) {
    const { others = 'false', state: _, ...filters } = place.query;
    await exportDeadLetters(format, { ...filters, includingBlocked: others, includingDeferred: others });
  }

  #table() {
    const every = this.#items.every((one) => this.#chosen.has(one.seq));
    return html`<div class="scroll">
      <table class="stack rows">
        <thead>
          <tr>
            <th>
              <input type="checkbox" aria-label="Choose all on this page" .checked=${every} @change=${() => this.#chooseAll(!every)} />
            </th>
            <th class="n">Sequence</th><th>State</th><th>Aggregate</th><th>Event type</th><th>Destination</th><th>Reason</th><th class="n">Tried</th><th class="n">When</th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            this.#items,
            (one) => one.seq,
            (one) => html`<tr class=${this.#chosen.has(one.seq) ? 'chosen' : ''} @click=${(/** @type {any} */ e) => e.target.closest('a,input,button') || place.show('dead-letter', one.seq)}>
              <td data-of="Choose">
                <input type="checkbox" aria-label="Choose ${one.seq}" .checked=${this.#chosen.has(one.seq)} @change=${() => this.#choose(one.seq)} />
              </td>
              <th scope="row" class="n" data-of="Sequence">
                <button class="link" data-row @click=${() => place.show('dead-letter', one.seq)}>${one.seq}</button>
              </th>
              <td data-of="State"><span class="tag ${TONES[one.state]}">${one.state}</span></td>
              <td data-of="Aggregate" class="id" title=${one.aggregateId ?? ''}>${shortId(one.aggregateId ?? '–', 36)}</td>
              <td data-of="Event type" class="id" title=${one.eventType ?? ''}>${shortId(one.eventType ?? '–', 36)}</td>
              <td data-of="Destination" class="id" title=${one.destination ?? ''}>${shortId(one.destination ?? '–', 36)}</td>
              <td data-of="Reason" class="reason" title=${one.reason}>${one.reason}</td>
              <td data-of="Tried" class="n">${one.attempts || '–'}</td>
              <td data-of="When" class="n" title=${fullTime(one.time)}>${time(one.time)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  /** @param {boolean} filtered */
  #none(filtered) {
    if (!this.#loaded) {
      return nothing;
    }
    return html`<div class="nothing">
      ${icon(filtered ? 'search' : 'check')}
      <p>${filtered ? 'No dead letter matches the filter.' : noneAtAll()}</p>
    </div>`;
  }

  /** @param {number} seq */
  #choose(seq) {
    if (!this.#chosen.delete(seq)) {
      this.#chosen.add(seq);
    }
    this.update();
  }

  /** @param {boolean} on */
  #chooseAll(on) {
    this.#items.forEach((one) => (on ? this.#chosen.add(one.seq) : this.#chosen.delete(one.seq)));
    this.update();
  }
}

/** The text for an empty list. It is also true while the broker is unavailable, because then waiting events have no outcome. */
function noneAtAll() {
  const waiting = watch.status?.backlog.waiting ?? 0;
  return waiting === 0
    ? 'No dead letters: the broker has rejected no event that is still here.'
    : `No dead letters: the broker has rejected no event so far. ${many(waiting, 'event')} ${waiting === 1 ? 'waits' : 'wait'} to be published.`;
}

customElements.define('view-dead-letters', DeadLetters);
