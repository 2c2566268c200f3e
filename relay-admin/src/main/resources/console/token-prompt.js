import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { relay } from './api-client.js';
import { watch } from './status-poller.js';
import { asSentence } from './format.js';

/** Asks for a token if the relay requires one. */
class Lock extends ViewElement {
  #tried = false;

  begin() {
    this.follow(watch, 'change');
  }

  drawn() {
    const input = this.querySelector('input');
    if (input && !this.contains(document.activeElement)) {
      input.focus();
    }
  }

  view() {
    if (watch.state !== 'locked') {
      this.#tried = false;
      return nothing;
    }
    const wrong = this.#tried || relay.hasToken;
    return html`<form class="card lock" aria-labelledby="lock-title" @submit=${(/** @type {SubmitEvent} */ e) => this.#unlock(e)}>
      <h1 id="lock-title">Log in</h1>
      <p>Enter a token of this relay: the value of <code>admin.token</code> in its configuration, or one of <code>admin.tokens</code>.</p>
      <label class="field">
        <span>Token</span>
        <input type="password" name="token" required autocomplete="current-password" aria-invalid=${wrong} />
        <small>Kept for this tab only, until it is closed.</small>
      </label>
      ${wrong ? html`<p class="refusal" role="alert">${asSentence(watch.trouble)}</p>` : nothing}
      <div class="buttons"><button type="submit" class="primary">${icon('check')} Log in</button></div>
    </form>`;
  }

  /** @param {SubmitEvent} event */
  #unlock(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    relay.token = String(new FormData(form).get('token')).trim();
    this.#tried = true;
    form.reset();
    watch.soon();
  }
}

customElements.define('relay-lock', Lock);
