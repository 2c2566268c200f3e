import { html, nothing } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { perform } from './bulk-commands.js';
import { icon } from './icons.js';
import { deadLetterDrawer } from './dead-letter.js';
import { Pager } from './pager.js';
import { ViewElement } from './view-element.js';
import { place } from './page-address.js';
import { relay } from './api-client.js';
import { watch } from './status-poller.js';
import { ago, asSentence, count, fullTime, many, shortId } from './format.js';

/** @import { Command } from './bulk-commands.js' */
/** @import { Parked } from './types.js' */

const PAGE = 25;
const EVERY_MILLIS = 5000;

/** The parked aggregates, each with the reason for which the broker rejected its first event. */
class ParkedAggregates extends ViewElement {
  /** @type {Parked[]} */
  #items = [];
  #loaded = false;
  #refusal = '';
  #pager = new Pager(PAGE, () => this.#load());

  begin() {
    this.follow(watch, 'change');
    this.follow(deadLetterDrawer, 'changed', () => this.#load());
    this.every(EVERY_MILLIS, () => this.#load());
    this.#load();
  }

  async #load() {
    try {
      const page = await relay.get('parked', this.#pager.query);
      this.#items = page.items;
      this.#pager.next = page.next;
      this.#refusal = '';
      this.#loaded = true;
    } catch (failure) {
      this.#refusal = String(/** @type {Error} */ (failure).message);
    }
    this.update();
  }

  /** @param {Command} command @param {Parked} one */
  async #perform(command, one) {
    const selection = command === 'retry' ? { aggregate: one.aggregateId } : { seqs: [one.head] };
    await perform(command, selection, `of aggregate ${shortId(one.aggregateId)}`, { seqs: [one.head] });
    this.#load();
  }

  view() {
    const total = watch.status?.deadLetters.parkedAggregates;
    return html`<section class="card" aria-labelledby="parked-title">
      <header class="section">
        <h2 id="parked-title">Parked aggregates</h2>
        ${this.#pager.view(this.#loaded ? this.#items.length : null, total === undefined ? '' : count(total))}
      </header>
      ${this.#items.length > 0
        ? html`<p class="muted">The broker rejected the first event of each; the later ones are blocked behind it, so that their order is kept. Other aggregates are not held up.</p>`
        : nothing}
      ${this.#refusal ? html`<p class="refusal" role="alert">${asSentence(this.#refusal)}</p>` : nothing}
      ${this.#items.length > 0
        ? html`<ul class="parked">
            ${repeat(
              this.#items,
              (one) => one.head,
              (one) => this.#aggregate(one),
            )}
          </ul>`
        : this.#loaded
          ? html`<div class="nothing">${icon('check')}<p>No aggregate is parked: no event that the broker rejected waits for a decision.</p></div>`
          : nothing}
    </section>`;
  }

  /** @param {Parked} one */
  #aggregate(one) {
    return html`<li>
      <div class="what">
        <h3>
          <button class="link" data-row title=${one.aggregateId} @click=${() => place.show('dead-letter', one.head)}>${shortId(one.aggregateId)}</button>
          <span class="muted">${one.aggregateType ?? ''}</span>
          ${one.redelivering ? html`<span class="tag good">being retried</span>` : nothing}
        </h3>
        <p class="why">${asSentence(one.reason)}</p>
        <p class="muted">
          rejected <span title=${fullTime(one.since)}>${ago(one.since)}</span> · tried ${one.attempts === 1 ? 'once' : `${one.attempts} times`}
          ${one.destination ? html` · to ${one.destination}` : nothing} ·
          ${one.eventsBehind === 0
            ? 'nothing is blocked behind it'
            : html`<a href=${place.address('dead-letters', { aggregate: one.aggregateId, others: 'true' })}>${many(one.eventsBehind, 'event')} blocked behind it</a>`}
        </p>
      </div>
      <div class="buttons">
        <button @click=${() => place.show('dead-letter', one.head)}>Show</button>
        <button class="changes" @click=${() => deadLetterDrawer.edit(one.head)}>${icon('pencil')} Edit</button>
        <button class="changes" ?disabled=${one.redelivering} @click=${() => this.#perform('retry', one)}>${icon('again')} Retry</button>
        <button class="danger-text changes" ?disabled=${one.redelivering} @click=${() => this.#perform('discard', one)}>${icon('bin')} Discard</button>
      </div>
    </li>`;
  }
}

customElements.define('view-parked', ParkedAggregates);
