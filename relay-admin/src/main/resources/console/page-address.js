/** The kinds of items that a drawer can show over a view; each item has an address of its own. */
const ITEMS = /** @type {const} */ (['dead-letter', 'event']);

/** @typedef {{kind: 'dead-letter' | 'event', seq: number}} Item */

/**
 * The address of the page: the view, its filters, and the dead letter or event that is shown over it. So the address
 * can be sent to a colleague, and the browser's Back and Forward work.
 *
 * Events: `change` when the view or its filters changed, `item` when another item is shown, or none.
 */
class Place extends EventTarget {
  #key = this.#viewAndQuery();
  #item = JSON.stringify(this.item);
  /** True if the entry before this one in the browser's history is the same view without the item. */
  #shownFromHere = false;

  constructor() {
    super();
    addEventListener('hashchange', () => this.#moved());
  }

  #moved() {
    const key = this.#viewAndQuery();
    const item = JSON.stringify(this.item);
    // If the address was changed by other means than show(), the previous entry of the history can be any address.
    this.#shownFromHere = this.#shownFromHere && this.#item === 'null' && item !== 'null';
    const changed = { view: key !== this.#key, item: item !== this.#item };
    this.#key = key;
    this.#item = item;
    if (changed.view) {
      this.dispatchEvent(new Event('change'));
    }
    if (changed.item) {
      this.dispatchEvent(new Event('item'));
    }
  }

  #viewAndQuery() {
    return this.address(this.view, this.query);
  }

  get view() {
    return location.hash.replace(/^#\/?/, '').split('?')[0] || 'overview';
  }

  get #all() {
    return Object.fromEntries(new URLSearchParams(location.hash.split('?')[1] ?? ''));
  }

  /** The filters of the view. @returns {Record<string, string>} */
  get query() {
    return Object.fromEntries(Object.entries(this.#all).filter(([name]) => !ITEMS.some((kind) => kind === name)));
  }

  /** The item that is shown over the view. @returns {Item | null} */
  get item() {
    const all = this.#all;
    const kind = ITEMS.find((one) => /^-?\d+$/.test(all[one] ?? ''));
    return kind ? { kind, seq: Number(all[kind]) } : null;
  }

  /** @param {string} view @param {Record<string, string>} [query] */
  address(view, query = {}) {
    const kept = Object.entries(query).filter(([, value]) => value !== '');
    return `#/${view}${kept.length > 0 ? `?${new URLSearchParams(kept)}` : ''}`;
  }

  /** The address of an item over the view that is shown now. @param {Item['kind']} kind @param {number} seq */
  addressOf(kind, seq) {
    return this.address(this.view, { ...this.query, [kind]: String(seq) });
  }

  /** @param {string} view @param {Record<string, string>} [query] */
  go(view, query) {
    this.#shownFromHere = false;
    location.hash = this.address(view, query);
  }

  /** @param {Item['kind']} kind @param {number} seq */
  show(kind, seq) {
    this.#shownFromHere = this.item === null;
    location.hash = this.addressOf(kind, seq);
  }

  /** Shows the view without an item; goes back if the item was opened from there, so that Back does not open it again. */
  showNone() {
    if (this.item === null) {
      return;
    }
    if (this.#shownFromHere) {
      this.#shownFromHere = false;
      history.back();
    } else {
      location.replace(this.address(this.view, this.query));
    }
  }
}

export const place = new Place();
