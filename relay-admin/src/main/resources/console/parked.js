import { html, nothing } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { perform } from './deeds.js';
import { icon } from './icons.js';
import { letterDrawer } from './letter.js';
import { Pager } from './pager.js';
import { Part } from './part.js';
import { place } from './place.js';
import { relay } from './relay.js';
import { watch } from './watch.js';
import { ago, count, fullTime, many, sentence, shortId } from './words.js';

/** @import { Deed } from './deeds.js' */
/** @import { Parked } from './types.js' */

const PAGE = 25;
const EVERY_MILLIS = 5000;

/** Aggregates that stand still because the broker did not accept an event, and why. */
class ParkedAggregates extends Part {
  /** @type {Parked[]} */
  #items = [];
  #loaded = false;
  #refusal = '';
  #pager = new Pager(PAGE, () => this.#load());

  begin() {
    this.follow(watch, 'change');
    this.follow(letterDrawer, 'changed', () => this.#load());
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

  /** @param {Deed} deed @param {Parked} one */
  async #perform(deed, one) {
    const selection = deed === 'retry' ? { aggregate: one.aggregateId } : { seqs: [one.head] };
    await perform(deed, selection, `of aggregate ${shortId(one.aggregateId)}`, { seqs: [one.head] });
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
      ${this.#refusal ? html`<p class="refusal" role="alert">${sentence(this.#refusal)}</p>` : nothing}
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
          <button class="link" data-row title=${one.aggregateId} @click=${() => place.show('letter', one.head)}>${shortId(one.aggregateId)}</button>
          <span class="muted">${one.aggregateType ?? ''}</span>
          ${one.retried ? html`<span class="tag good">being retried</span>` : nothing}
        </h3>
        <p class="why">${sentence(one.reason)}</p>
        <p class="muted">
          rejected <span title=${fullTime(one.since)}>${ago(one.since)}</span> · tried ${one.attempts === 1 ? 'once' : `${one.attempts} times`}
          ${one.destination ? html` · to ${one.destination}` : nothing} ·
          ${one.followers === 0
            ? 'nothing is blocked behind it'
            : html`<a href=${place.address('dead-letters', { aggregate: one.aggregateId, others: 'true' })}>${many(one.followers, 'event')} blocked behind it</a>`}
        </p>
      </div>
      <div class="buttons">
        <button @click=${() => place.show('letter', one.head)}>Show</button>
        <button class="changes" @click=${() => letterDrawer.edit(one.head)}>${icon('pencil')} Edit</button>
        <button class="changes" ?disabled=${one.retried} @click=${() => this.#perform('retry', one)}>${icon('again')} Retry</button>
        <button class="danger-text changes" ?disabled=${one.retried} @click=${() => this.#perform('discard', one)}>${icon('bin')} Discard</button>
      </div>
    </li>`;
  }
}

customElements.define('view-parked', ParkedAggregates);
