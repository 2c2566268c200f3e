import { html, nothing } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { relay } from './api-client.js';
import { toasts } from './toasts.js';
import { watch } from './status-poller.js';
import { ago, fullTime } from './format.js';

/** @import { Pause } from './types.js' */

/** @param {string} destination */
const named = (destination) => (destination === '*' ? 'Everything' : destination);

/** The pauses, each with its author, its reason and a button that ends it. */
class Pauses extends ViewElement {
  begin() {
    this.follow(watch, 'change');
  }

  view() {
    const pauses = watch.status?.pauses ?? [];
    if (pauses.length === 0) {
      return nothing;
    }
    return html`<ul class="pauses card" aria-label="Pauses">
      ${repeat(
        pauses,
        (pause) => pause.destination,
        (pause) => html`<li>
          ${icon('pause')}
          <span>
            <b>${named(pause.destination)}</b> is paused by ${pause.by},
            <span title=${fullTime(pause.since)}>${ago(pause.since)}</span>${pause.reason
              ? html`: “${pause.reason}”`
              : '.'}
          </span>
          <button class="changes" @click=${() => this.#resume(pause)}>${icon('play')} Resume</button>
        </li>`,
      )}
    </ul>`;
  }

  /** @param {Pause} pause */
  async #resume(pause) {
    try {
      await relay.remove(`pauses/${encodeURIComponent(pause.destination)}`);
      toasts.tell(`${named(pause.destination)} goes on.`);
    } catch (failure) {
      toasts.tellFailure(failure);
    }
    watch.soon();
  }
}

/** Asks what is to be paused, and why. */
class PauseDialog extends ViewElement {
  #open = false;
  #refusal = '';

  open() {
    this.#open = true;
    this.#refusal = '';
    this.update();
  }

  drawn() {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open) {
      dialog.showModal();
    }
  }

  #close() {
    this.querySelector('dialog')?.close();
    this.#open = false;
    this.update();
  }

  view() {
    if (!this.#open) {
      return nothing;
    }
    const destinations = watch.status?.destinations ?? [];
    return html`<dialog class="question" aria-labelledby="pause-title" @cancel=${() => this.#close()}>
      <form method="dialog" @submit=${(/** @type {SubmitEvent} */ event) => this.#pause(event)}>
        <h2 id="pause-title">Pause publishing</h2>
        <p class="prose">Events stay in the outbox, in order, until it is resumed. Nothing is lost, and writers do not notice.</p>
        <label class="field">
          <span>Destination</span>
          <input name="destination" list="pause-destinations" value="*" required autocomplete="off" />
          <small>* for all of them, a name, or a pattern such as orders.*</small>
        </label>
        <datalist id="pause-destinations">
          ${destinations.map((one) => html`<option value=${one.destination}></option>`)}
        </datalist>
        <label class="field"><span>Reason</span><input name="reason" autocomplete="off" placeholder="so that others know why" /></label>
        ${this.#refusal ? html`<p class="refusal" role="alert">${this.#refusal}</p>` : nothing}
        <div class="buttons">
          <button type="button" @click=${() => this.#close()}>Cancel</button>
          <button type="submit" class="primary">Pause</button>
        </div>
      </form>
    </dialog>`;
  }

  /** @param {SubmitEvent} event */
  async #pause(event) {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const destination = String(given.get('destination'));
    const reason = String(given.get('reason'));
    try {
      await relay.post('pauses', reason ? { destination, reason } : { destination });
      this.#close();
      toasts.tell(`${named(destination)} is paused.`);
      watch.soon();
    } catch (failure) {
      this.#refusal = String(/** @type {Error} */ (failure).message);
      this.update();
    }
  }
}

customElements.define('relay-pauses', Pauses);
customElements.define('relay-pause-dialog', PauseDialog);

export const pauseDialog = /** @type {PauseDialog} */ (document.querySelector('relay-pause-dialog'));
