const KEY = 'outbox-relay.theme';

/** Light or dark: the operator's choice, by default the setting of the system. */
class Theme extends EventTarget {
  constructor() {
    super();
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#tell());
    this.#show();
  }

  /** @returns {'system' | 'light' | 'dark'} */
  get choice() {
    const kept = localStorage.getItem(KEY);
    return kept === 'light' || kept === 'dark' ? kept : 'system';
  }

  next() {
    const order = /** @type {const} */ (['system', 'light', 'dark']);
    localStorage.setItem(KEY, order[(order.indexOf(this.choice) + 1) % order.length]);
    this.#show();
    this.#tell();
  }

  #show() {
    document.documentElement.dataset['theme'] = this.choice;
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }
}

export const theme = new Theme();
