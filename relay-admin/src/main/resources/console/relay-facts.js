import { html, nothing } from './lib/lit-html/lit-html.js';
import { ViewElement } from './view-element.js';
import { watch } from './status-poller.js';
import { ago, fullTime, time } from './format.js';

/** Facts about the relay that answers: its name, its outbox, its broker and its start. */
class Facts extends ViewElement {
  begin() {
    this.follow(watch, 'change');
  }

  view() {
    const { status } = watch;
    if (!status) {
      return nothing;
    }
    const { relay, outbox } = status;
    return html`<section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">This relay</h2>
      <dl class="facts">
        <div><dt>Name</dt><dd>${relay.name}</dd></div>
        <div><dt>Outbox</dt><dd>${outbox.schema}.${outbox.table} in ${outbox.database}</dd></div>
        <div><dt>Goes to</dt><dd>${relay.broker.includes(' ') ? relay.broker : `${relay.broker}, ${relay.route}`}</dd></div>
        <div>
          <dt>Runs since</dt>
          <dd title=${fullTime(relay.startedAt)}>${time(relay.startedAt)} <span class="muted">(${ago(relay.startedAt)})</span></dd>
        </div>
        ${relay.version ? html`<div><dt>Version</dt><dd>${relay.version}</dd></div>` : nothing}
      </dl>
    </section>`;
  }
}

customElements.define('relay-facts', Facts);
