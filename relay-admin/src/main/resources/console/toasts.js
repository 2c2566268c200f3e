import { html } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { asSentence } from './format.js';

const SHOWN_MILLIS = 8000;

/** @typedef {{id: number, text: string, bad: boolean}} Toast */

/**
 * Short messages, such as the outcome of a command. A message of success disappears after a while. A message of a
 * failure, or one that came while the page was hidden, stays until it is closed.
 */
class Toasts extends ViewElement {
  /** @type {Toast[]} */
  #shown = [];
  #last = 0;

  /** @param {string} text */
  tell(text) {
    const id = this.#add(text, false);
    setTimeout(() => this.#remove(id), SHOWN_MILLIS);
  }

  /** @param {string} text */
  tellToStay(text) {
    this.#add(text, false);
  }

  /** @param {unknown} failure */
  tellFailure(failure) {
    this.#add(failure instanceof Error ? failure.message : String(failure), true);
  }

  /** @param {string} text @param {boolean} bad */
  #add(text, bad) {
    const id = ++this.#last;
    this.#shown = [...this.#shown.filter((toast) => toast.text !== text), { id, text, bad }].slice(-4);
    this.#onTop();
    this.update();
    return id;
  }

  /** Shows the messages above an open dialog, which covers everything that is not in the top layer. */
  #onTop() {
    this.popover = 'manual';
    if (this.matches(':popover-open')) {
      this.hidePopover();
    }
    this.showPopover();
  }

  /** @param {number} id */
  #remove(id) {
    this.#shown = this.#shown.filter((toast) => toast.id !== id);
    this.update();
  }

  view() {
    return html`<div role="log" aria-live="polite" aria-label="What just happened">
      ${repeat(
        this.#shown,
        (toast) => toast.id,
        (toast) => html`<div class="toast ${toast.bad ? 'bad' : 'good'}" role=${toast.bad ? 'alert' : 'status'}>
          ${icon(toast.bad ? 'stop' : 'check')}
          <p>${asSentence(toast.text)}</p>
          <button class="quiet small" aria-label="Put away" @click=${() => this.#remove(toast.id)}>
            ${icon('close')}
          </button>
        </div>`,
      )}
    </div>`;
  }
}

customElements.define('relay-toasts', Toasts);

export const toasts = /** @type {Toasts} */ (document.querySelector('relay-toasts'));
