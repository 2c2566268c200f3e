import { html } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';

/** Pages through a list of the API: forwards with the value `next` of each answer, and back over the visited pages. */
export class Pager {
  /** @type {(number | null)[]} the value of `after` of each visited page */
  #begins = [null];
  /** @type {number | null} */
  next = null;

  constructor(/** @type {number} */ size, /** @type {() => void} */ load) {
    this.size = size;
    this.load = load;
  }

  /** The parameters of the next request. */
  get query() {
    return { after: this.#begins[this.#begins.length - 1], limit: this.size };
  }

  get first() {
    return this.#begins.length === 1;
  }

  restart() {
    this.#begins = [null];
  }

  forward() {
    if (this.next !== null) {
      this.#begins.push(this.next);
      this.load();
    }
  }

  back() {
    if (!this.first) {
      this.#begins.pop();
      this.load();
    }
  }

  /** @param {number | null} shown the number of items on this page; null before any answer @param {string} [of] the number of all items, if it is known */
  view(shown, of = '') {
    const begin = (this.#begins.length - 1) * this.size;
    const told = shown === null ? '…' : `${shown === 0 ? 'none' : `${begin + 1}–${begin + shown}`}${of ? ` of ${of}` : ''}`;
    return html`<nav class="pager" aria-label="Pages">
      <button ?disabled=${this.first} @click=${() => this.back()} aria-label="Previous page">${icon('left')}</button>
      <span>${told}</span>
      <button ?disabled=${this.next === null} @click=${() => this.forward()} aria-label="Next page">${icon('right')}</button>
    </nav>`;
  }
}
