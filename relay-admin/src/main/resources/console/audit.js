import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { Pager } from './pager.js';
import { ViewElement } from './view-element.js';
import { relay } from './api-client.js';
import { asSentence, fullTime, time } from './format.js';

/** @import { AuditEntry } from './types.js' */

const PAGE = 50;

/** The changes that operators made, with their names and times. */
class Audit extends ViewElement {
  /** @type {AuditEntry[]} */
  #items = [];
  #loaded = false;
  #refusal = '';
  #pager = new Pager(PAGE, () => this.#load());

  begin() {
    this.#load();
  }

  async #load() {
    try {
      const page = await relay.get('audit', this.#pager.query);
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
    return html`<section class="card" aria-labelledby="audit-title">
      <header class="section">
        <h2 id="audit-title">Audit</h2>
        ${this.#pager.view(this.#loaded ? this.#items.length : null)}
      </header>
      ${this.#refusal ? html`<p class="refusal" role="alert">${asSentence(this.#refusal)}</p>` : nothing}
      ${this.#items.length > 0
        ? html`<div class="scroll">
            <table class="stack">
              <thead><tr><th>Time</th><th>Actor</th><th>Channel</th><th>Action</th><th>Target</th><th>Outcome</th></tr></thead>
              <tbody>
                ${this.#items.map(
                  (entry) => html`<tr>
                    <td data-of="Time" title=${fullTime(entry.at)}>${time(entry.at)}</td>
                    <th scope="row" data-of="Actor">${entry.actor}</th>
                    <td data-of="Channel">${entry.channel === 'command' ? 'command line' : 'API'}</td>
                    <td data-of="Action"><span class="tag info">${entry.action}</span></td>
                    <td data-of="Target" class="wide">${entry.target}</td>
                    <td data-of="Outcome" class="wide">${entry.outcome}</td>
                  </tr>`,
                )}
              </tbody>
            </table>
          </div>`
        : this.#loaded
          ? html`<div class="nothing">${icon('check')}<p>No entries yet. Each retry, discard, edit, pause, resume and replay is listed here.</p></div>`
          : nothing}
    </section>`;
  }
}

customElements.define('view-audit', Audit);
