import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { me } from './caller.js';
import { ViewElement } from './view-element.js';
import { pauseDialog } from './pauses.js';
import { place } from './page-address.js';
import { theme } from './theme.js';
import { VIEWS } from './views.js';

/** @typedef {{key: string, does: string, action: () => void}} Key */

/** @param {number} step */
function row(step) {
  const rows = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('[data-row]')]);
  const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
}

/** Handles the keyboard shortcuts, and shows their list. */
class Keys extends ViewElement {
  /** @type {Key[]} */
  #keys = [
    ...Object.entries(VIEWS).map(([name, label], index) => ({ key: String(index + 1), does: label, action: () => place.go(name) })),
    { key: '/', does: 'find an event or an aggregate', action: () => place.go('find') },
    { key: 'j', does: 'next row', action: () => row(1) },
    { key: 'k', does: 'row before', action: () => row(-1) },
    { key: 'p', does: 'pause publishing', action: () => me.mayChange && pauseDialog.open() },
    { key: 't', does: 'light, dark, or the setting of the system', action: () => theme.next() },
    { key: '?', does: 'this list', action: () => this.open() },
  ];
  #open = false;

  begin() {
    this.follow(document, 'keydown', (event) => this.#pressed(event));
  }

  open() {
    this.#open = true;
    this.update();
  }

  #close() {
    this.querySelector('dialog')?.close();
    this.#open = false;
    this.update();
  }

  /** Shortcuts are ignored while a text field has the focus. @param {KeyboardEvent} event */
  #pressed(event) {
    const writing = /** @type {HTMLElement} */ (event.target).closest?.('input, textarea, select, dialog, relay-lock');
    if (writing || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const known = this.#keys.find(({ key }) => key === event.key);
    if (known) {
      event.preventDefault();
      known.action();
    }
  }

  drawn() {
    const dialog = this.querySelector('dialog');
    if (dialog && !dialog.open) {
      dialog.showModal();
    }
  }

  view() {
    if (!this.#open) {
      return nothing;
    }
    return html`<dialog class="question" aria-labelledby="keys-title" @cancel=${() => this.#close()}>
      <header class="section">
        <h2 id="keys-title">Keys</h2>
        <button class="quiet" aria-label="Close" @click=${() => this.#close()}>${icon('close')}</button>
      </header>
      <dl class="keys">
        ${this.#keys.map(({ key, does }) => html`<div><dt><kbd>${key}</kbd></dt><dd>${does}</dd></div>`)}
        <div><dt><kbd>←</kbd> <kbd>→</kbd></dt><dd>on a chart: another moment</dd></div>
        <div><dt><kbd>Esc</kbd></dt><dd>close what is open</dd></div>
      </dl>
    </dialog>`;
  }
}

customElements.define('relay-keys', Keys);

export const keys = /** @type {Keys} */ (document.querySelector('relay-keys'));
