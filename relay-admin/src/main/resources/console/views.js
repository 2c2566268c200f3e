/** The views in the order of their tabs; the keys 1 to 8 follow it. */
export const VIEWS = /** @type {const} */ ({
  overview: 'Overview',
  parked: 'Parked',
  'dead-letters': 'Dead letters',
  events: 'Events',
  find: 'Find',
  replay: 'Replay',
  audit: 'Audit',
  settings: 'Settings',
});

/** @typedef {keyof typeof VIEWS} ViewName */

/** @param {string} name @returns {name is ViewName} */
export const isView = (name) => name in VIEWS;
