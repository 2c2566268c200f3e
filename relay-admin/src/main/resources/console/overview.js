import { html, nothing } from './lib/lit-html/lit-html.js';
import { ViewElement } from './view-element.js';
import { watch } from './status-poller.js';
import './charts.js';
import './event-flow.js';
import './destinations.js';
import './relay-facts.js';
import './shards.js';

/** The status, the backlog and the history: the first page for an operator on call. */
class Overview extends ViewElement {
  #there = false;

  begin() {
    this.follow(watch, 'change', () => this.#appear());
  }

  /** Draws once, when the first status has arrived; later the parts draw themselves. */
  #appear() {
    if (!this.#there && watch.status) {
      this.update();
    }
  }

  view() {
    this.#there = watch.status !== null;
    if (!this.#there) {
      return nothing;
    }
    return html`
      <relay-flow></relay-flow>
      <relay-charts></relay-charts>
      <relay-shards></relay-shards>
      <relay-destinations></relay-destinations>
      <relay-held></relay-held>
      <relay-facts></relay-facts>
    `;
  }
}

customElements.define('view-overview', Overview);
