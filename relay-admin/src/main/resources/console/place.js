/**
 * Where on the page one is: a view and what it shows, kept in the address so that it can be sent to
 * somebody, and the browser's back button works.
 *
 * Events: `change`.
 */
class Place extends EventTarget {
  constructor() {
    super();
    addEventListener('hashchange', () => this.dispatchEvent(new Event('change')));
  }

  get view() {
    return location.hash.replace(/^#\/?/, '').split('?')[0] || 'overview';
  }

  /** @returns {Record<string, string>} */
  get query() {
    return Object.fromEntries(new URLSearchParams(location.hash.split('?')[1] ?? ''));
  }

  /** @param {string} view @param {Record<string, string>} [query] */
  address(view, query = {}) {
    const kept = Object.entries(query).filter(([, value]) => value !== '');
    return `#/${view}${kept.length > 0 ? `?${new URLSearchParams(kept)}` : ''}`;
  }

  /** @param {string} view @param {Record<string, string>} [query] */
  go(view, query) {
    location.hash = this.address(view, query);
  }
}

export const place = new Place();
