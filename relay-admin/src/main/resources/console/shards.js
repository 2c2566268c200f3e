import { html, nothing } from './lib/lit-html/lit-html.js';
import { ViewElement } from './view-element.js';
import { relay } from './api-client.js';
import { watch } from './status-poller.js';
import { ago, asSentence, count, duration, fullTime, many } from './format.js';

/** @import { EventSource, Instance } from './types.js' */

const EVERY_MILLIS = 5000;

/** @param {EventSource | null} read */
function source(read) {
  if (!read) {
    return '–';
  }
  const since = html`<span class="muted">for ${duration(read.forSeconds)}</span>`;
  return read.current === 'log'
    ? html`write-ahead log ${since}`
    : html`table ${since}${read.message ? html` <span class="muted">${asSentence(read.message)}</span>` : nothing}`;
}

/** The relay that leads each shard, and the other running relays. */
class Shards extends ViewElement {
  /** @type {Instance[]} */
  #instances = [];

  begin() {
    this.follow(watch, 'change');
    this.every(EVERY_MILLIS, () => this.#count());
    this.#count();
  }

  async #count() {
    try {
      this.#instances = (await relay.get('instances')).items;
      this.update();
    } catch {
      // The status banner already reports that the relay does not answer.
    }
  }

  view() {
    const { status } = watch;
    if (!status) {
      return nothing;
    }
    return html`<div class="pair">
      <section class="card" aria-labelledby="shards-title">
        <h2 id="shards-title">Shards</h2>
        <div class="scroll">
          <table class="stack">
            <thead><tr><th>Shard</th><th>Led by</th><th title="Where the leader reads events">Source</th><th class="n">Waits</th><th class="n">Oldest</th><th class="n" title="Increases each time a relay acquires the shard">Epoch</th><th class="n">Checkpoint</th></tr></thead>
            <tbody>
              ${status.shards.map(
                (shard) => html`<tr>
                  <th scope="row" data-of="Shard">${shard.shard}</th>
                  <td data-of="Led by">
                    ${shard.led
                      ? html`${shard.ledHere ? html`<span class="tag good">this relay</span>` : html`<span class="tag info">another relay</span>`} ${shard.owner}`
                      : html`<span class="tag bad">no relay</span> ${shard.owner ? html`<span class="muted">last ${shard.owner}</span>` : nothing}`}
                  </td>
                  <td data-of="Source">${source(shard.source)}</td>
                  <td class="n" data-of="Waits">${shard.waitingIsUpperBound ? 'about ' : ''}${count(shard.waiting)}</td>
                  <td class="n" data-of="Oldest">${shard.waiting > 0 ? duration(shard.oldestSeconds) : '–'}</td>
                  <td class="n" data-of="Epoch">${shard.epoch}</td>
                  <td class="n" data-of="Checkpoint">${duration(shard.checkpointAgeSeconds)} ago</td>
                </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
      <section class="card" aria-labelledby="instances-title">
        <h2 id="instances-title">Relays</h2>
        <ul class="instances">
          ${this.#instances.map(
            (one) => html`<li class=${one.self ? 'mine' : ''}>
              <b>${one.name ?? `relay ${one.number}`}</b>
              ${one.self ? html`<span class="tag good">this relay</span>` : nothing}
              <p>
                ${one.shards.length > 0
                  ? `leads ${one.shards.length === 1 ? 'shard' : 'shards'} ${one.shards.join(', ')}`
                  : 'stands by'}<span class="muted" title=${fullTime(one.connectedAt)}>${one.address ? ` · from ${one.address}` : ''}${one.connectedAt
                  ? ` · connected ${ago(one.connectedAt)}`
                  : ''}</span>
              </p>
            </li>`,
          )}
        </ul>
      </section>
    </div>`;
  }
}

/** Open transactions; their events are not visible before they end. */
class Held extends ViewElement {
  begin() {
    this.follow(watch, 'change');
  }

  view() {
    const held = watch.status?.openTransactions ?? [];
    if (held.length === 0) {
      return nothing;
    }
    return html`<section class="card" aria-labelledby="held-title">
      <h2 id="held-title">Long transactions</h2>
      <p class="muted">${many(held.length, 'transaction')} open for long. The events that ${held.length === 1 ? 'it' : 'they'} wrote are published after the commit; other events are not held up.</p>
      <div class="scroll">
        <table class="stack">
          <thead><tr><th class="n">pid</th><th>Application</th><th>State</th><th class="n">Open for</th></tr></thead>
          <tbody>
            ${held.map(
              (one) => html`<tr>
                <th scope="row" class="n" data-of="pid">${one.pid}</th>
                <td data-of="Application">${one.application || '–'}</td>
                <td data-of="State">${one.state}</td>
                <td class="n" data-of="Open for">${duration(one.ageSeconds)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </section>`;
  }
}

customElements.define('relay-shards', Shards);
customElements.define('relay-held', Held);
