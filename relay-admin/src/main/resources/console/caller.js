import { relay } from './api-client.js';
import { watch } from './status-poller.js';

/** @import { Me as Caller } from './types.js' */

/**
 * The name and the role that the relay gives the user of this browser. Elements of the class `changes` are shown to
 * operators only; the relay refuses changes by other callers in any case.
 *
 * Events: `change`.
 */
class Me extends EventTarget {
  /** @type {Caller | null} */
  #caller = null;
  #askedFor = '';

  constructor() {
    super();
    watch.addEventListener('change', () => this.#ask());
  }

  get mayChange() {
    return this.#caller?.role === 'operator';
  }

  get isReadOnly() {
    return this.#caller?.role === 'read-only';
  }

  get name() {
    return this.#caller?.name ?? '';
  }

  async #ask() {
    const key = `${relay.tokenForComparison} ${watch.status?.relay.startedAt ?? ''}`;
    if (watch.state !== 'seeing' || key === this.#askedFor) {
      return;
    }
    this.#askedFor = key;
    try {
      this.#caller = await relay.get('caller');
    } catch {
      // The next poll asks again; until then no controls for changes are shown.
      this.#askedFor = '';
      this.#caller = null;
    }
    document.documentElement.dataset['role'] = this.#caller?.role ?? 'unknown';
    this.dispatchEvent(new Event('change'));
  }
}

export const me = new Me();
