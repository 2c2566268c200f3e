import { html, nothing } from './lib/lit-html/lit-html.js';
import { ViewElement } from './view-element.js';

/**
 * @typedef {object} Asked
 * @property {string} title
 * @property {unknown} text
 * @property {string} yes the text of the button that confirms
 * @property {boolean} [danger] true if the command cannot be undone
 * @property {string} [typed] the text that must be typed to confirm
 */

/** Asks for confirmation in a dialog. The focus returns afterwards to the element that had it. */
class Question extends ViewElement {
  /** @type {Asked | null} */
  #asked = null;
  #typed = '';
  /** @type {(answer: boolean) => void} */
  #answer = () => {};

  /** @param {Asked} asked @returns {Promise<boolean>} */
  ask(asked) {
    this.#answer(false);
    this.#asked = asked;
    this.#typed = '';
    this.update();
    return new Promise((resolve) => (this.#answer = resolve));
  }

  drawn() {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open && this.#asked) {
      dialog.showModal();
    }
  }

  /** @param {boolean} answer */
  #close(answer) {
    this.querySelector('dialog')?.close();
    this.#asked = null;
    this.#answer(answer);
    this.update();
  }

  view() {
    const asked = this.#asked;
    if (!asked) {
      return nothing;
    }
    const ready = !asked.typed || this.#typed.trim() === asked.typed;
    return html`<dialog class="question" aria-labelledby="question-title" @cancel=${() => this.#close(false)}>
      <form method="dialog" @submit=${(/** @type {Event} */ e) => (e.preventDefault(), ready && this.#close(true))}>
        <h2 id="question-title">${asked.title}</h2>
        <div class="prose">${asked.text}</div>
        ${asked.typed
          ? html`<label class="field">
              <span>Type <b>${asked.typed}</b> to go on</span>
              <input
                autocomplete="off"
                .value=${this.#typed}
                @input=${(/** @type {any} */ e) => ((this.#typed = e.target.value), this.update())}
              />
            </label>`
          : nothing}
        <div class="buttons">
          <button type="button" @click=${() => this.#close(false)}>Cancel</button>
          <button type="submit" class=${asked.danger ? 'danger' : 'primary'} ?disabled=${!ready}>${asked.yes}</button>
        </div>
      </form>
    </dialog>`;
  }
}

customElements.define('relay-question', Question);

export const question = /** @type {Question} */ (document.querySelector('relay-question'));
