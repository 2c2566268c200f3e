import { html, nothing } from './lib/lit-html/lit-html.js';
import { ViewElement } from './view-element.js';
import { relay } from './api-client.js';
import { asSentence, many } from './format.js';

/** @import { Setting } from './types.js' */

/** The settings in force; secrets are hidden. */
class Settings extends ViewElement {
  /** @type {Setting[]} */
  #items = [];
  #source = '';
  #words = '';
  #changedOnly = false;
  #refusal = '';

  begin() {
    this.#load();
  }

  async #load() {
    try {
      const answer = await relay.get('settings');
      this.#items = answer.items;
      this.#source = answer.source;
    } catch (failure) {
      this.#refusal = String(/** @type {Error} */ (failure).message);
    }
    this.update();
  }

  view() {
    const words = this.#words.toLowerCase();
    const shown = this.#items.filter(
      (one) => (!this.#changedOnly || !one.isDefault) && `${one.key} ${one.value ?? ''}`.toLowerCase().includes(words),
    );
    return html`<section class="card" aria-labelledby="settings-title">
      <header class="section">
        <h2 id="settings-title">Settings in force</h2>
        <span class="muted">${many(shown.length, 'setting')}${this.#source ? `, from ${this.#source}` : ''}</span>
      </header>
      <form class="filters wide" role="search" aria-label="Filter" @submit=${(/** @type {Event} */ e) => e.preventDefault()}>
        <label><span>Name or value</span><input type="search" .value=${this.#words} @input=${(/** @type {any} */ e) => ((this.#words = e.target.value), this.update())} /></label>
        <label class="check"><input type="checkbox" .checked=${this.#changedOnly} @change=${(/** @type {any} */ e) => ((this.#changedOnly = e.target.checked), this.update())} />
          <span>only those that are not the default</span></label>
      </form>
      ${this.#refusal ? html`<p class="refusal" role="alert">${asSentence(this.#refusal)}</p>` : nothing}
      <div class="scroll">
        <table class="stack">
          <thead><tr><th>Setting</th><th>Value</th><th>Comes from</th></tr></thead>
          <tbody>
            ${shown.map(
              (one) => html`<tr>
                <th scope="row" class="mono" data-of="Setting">${one.key}</th>
                <td class="mono wide" data-of="Value">${one.value ?? '–'}</td>
                <td data-of="Comes from">${one.isDefault ? html`<span class="muted">the default</span>` : html`<span class="tag info">configuration</span>`}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${shown.length === 0 && this.#items.length > 0 ? html`<p class="muted">No setting matches.</p>` : nothing}
    </section>`;
  }
}

customElements.define('view-settings', Settings);
