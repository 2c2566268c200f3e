import { html, nothing } from './lib/lit-html/lit-html.js';
import { blockage } from './blockage.js';
import { ViewElement } from './view-element.js';
import { watch } from './status-poller.js';
import { asSentence, count } from './format.js';

/** @import { Destination } from './types.js' */

const MOST = 12;

function isBrokerAway() {
  const { status } = watch;
  return status?.status.state === 'stuck' && blockage(status)?.at === 'broker';
}

/** @param {Destination} one */
function state(one) {
  const paused = one.state === 'paused' ? html`<span class="tag warn">paused</span> ` : nothing;
  if (one.state === 'unavailable') {
    return html`<span class="tag bad">the broker accepts nothing</span> <span class="muted">${asSentence(one.reason ?? '')}</span>`;
  }
  if (one.state === 'failing') {
    return html`<span class="tag warn">fails</span> <span class="muted">Its events are tried again. ${asSentence(one.reason ?? '')}</span>`;
  }
  if (one.state === 'unknown') {
    return html`<span class="muted">Not known: another relay leads.</span>`;
  }
  if (one.reason) {
    return html`${paused}<span class="tag bad">circuit breaker open</span>
      <span class="muted">Its events are deferred; it is tried again regularly. ${asSentence(one.reason)}</span>`;
  }
  if (one.state === 'paused') {
    return html`${paused}<span class="muted">Its events wait until it is resumed.</span>`;
  }
  if (one.published === 0) {
    return html`<span class="muted">It has not accepted an event of this relay yet.</span>`;
  }
  // While the whole broker is unavailable, the state of a single destination is not known.
  return isBrokerAway() ? html`<span class="tag warn">not known</span> <span class="muted">The broker does not answer.</span>` : html`<span class="tag good">healthy</span>`;
}

/** The destinations of this relay's events, and which of them are down or paused. */
class Destinations extends ViewElement {
  #all = false;

  begin() {
    this.follow(watch, 'change');
  }

  view() {
    const destinations = watch.status?.destinations ?? [];
    if (destinations.length === 0) {
      return nothing;
    }
    const bad = (/** @type {Destination} */ one) => (one.reason || one.state === 'paused' ? 0 : 1);
    const sorted = [...destinations].sort((a, b) => bad(a) - bad(b) || b.published - a.published);
    const shown = this.#all ? sorted : sorted.slice(0, MOST);
    return html`<section class="card" aria-labelledby="destinations-title">
      <h2 id="destinations-title">Destinations</h2>
      <div class="scroll">
        <table class="stack">
          <thead><tr><th>Destination</th><th>State</th><th class="n">Published</th><th class="n">Rejected</th></tr></thead>
          <tbody>
            ${shown.map(
              (one) => html`<tr>
                <th scope="row" data-of="Destination">${one.destination}</th>
                <td data-of="State">${state(one)}</td>
                <td class="n" data-of="Published">${count(one.published)}</td>
                <td class="n" data-of="Rejected">${count(one.rejected)}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${sorted.length > MOST
        ? html`<button class="quiet" @click=${() => ((this.#all = !this.#all), this.update())}>
            ${this.#all ? `Show ${MOST}` : `Show all ${sorted.length}`}
          </button>`
        : nothing}
    </section>`;
  }
}

customElements.define('relay-destinations', Destinations);
