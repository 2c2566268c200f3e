import { html } from './lib/lit-html/lit-html.js';

/** The shapes, drawn on a field of 24 by 24 with lines in the colour of the text. */
const SHAPES = {
  check: html`<svg viewBox="0 0 24 24"><path d="m5 12.5 4.5 4.5L19 7.5" /></svg>`,
  moon: html`<svg viewBox="0 0 24 24"><path d="M20 14.5A8 8 0 0 1 9.5 4 8 8 0 1 0 20 14.5Z" /></svg>`,
  sun: html`<svg viewBox="0 0 24 24"><circle cx="12" cy="12" r="4" /><path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M5.6 18.4 7 17M17 7l1.4-1.4" /></svg>`,
  halves: html`<svg viewBox="0 0 24 24"><circle cx="12" cy="12" r="8" /><path d="M12 4a8 8 0 0 1 0 16Z" fill="currentColor" /></svg>`,
  clock: html`<svg viewBox="0 0 24 24"><circle cx="12" cy="12" r="8.5" /><path d="M12 7v5l3.5 2" /></svg>`,
  stop: html`<svg viewBox="0 0 24 24"><path d="M12 4 2.8 19.5h18.4ZM12 10v4.5m0 2.6v.1" /></svg>`,
  pause: html`<svg viewBox="0 0 24 24"><path d="M9 6v12m6-12v12" /></svg>`,
  play: html`<svg viewBox="0 0 24 24"><path d="M8 5.5v13l10.5-6.5Z" /></svg>`,
  standby: html`<svg viewBox="0 0 24 24"><circle cx="12" cy="12" r="8.5" /><path d="M9.5 9v6m5-6v6" /></svg>`,
  dots: html`<svg viewBox="0 0 24 24"><path d="M6 12h.1m5.9 0h.1m5.9 0h.1" /></svg>`,
  silent: html`<svg viewBox="0 0 24 24"><path d="M4 10.5a12 12 0 0 1 4-2.4m4-.6a12 12 0 0 1 8 3M7.5 14a7 7 0 0 1 6-1.8m-1.5 6v.1M4 4l16 16" /></svg>`,
  table: html`<svg viewBox="0 0 24 24"><path d="M4 6.5C4 5 7.6 4 12 4s8 1 8 2.5S16.4 9 12 9 4 8 4 6.5Zm0 0v11C4 19 7.6 20 12 20s8-1 8-2.5v-11M4 12c0 1.5 3.6 2.5 8 2.5s8-1 8-2.5" /></svg>`,
  pages: html`<svg viewBox="0 0 24 24"><path d="M8 7V4h12v13h-3M4 7h12v13H4Zm3 4h6m-6 4h6" /></svg>`,
  plane: html`<svg viewBox="0 0 24 24"><path d="M3.5 11.5 20.5 4l-5 16-4-6.5Zm8 2L20.5 4" /></svg>`,
  broker: html`<svg viewBox="0 0 24 24"><path d="M4 5h16v5H4Zm0 9h16v5H4Zm3-6.5h.1M7 16.5h.1" /></svg>`,
  letter: html`<svg viewBox="0 0 24 24"><path d="M3.5 6h17v12.5h-17Zm0 .5 8.5 7 8.5-7" /></svg>`,
  aside: html`<svg viewBox="0 0 24 24"><path d="M4 7h9a4 4 0 0 1 4 4v8m-3.5-3.5L17 19l3.5-3.5" /></svg>`,
  again: html`<svg viewBox="0 0 24 24"><path d="M5 12a7 7 0 0 1 12-5l2 2m0-5v5h-5m5 3a7 7 0 0 1-12 5l-2-2m0 5v-5h5" /></svg>`,
  pencil: html`<svg viewBox="0 0 24 24"><path d="m5 15 10-10 4 4L9 19l-5 1Zm8-8 4 4" /></svg>`,
  bin: html`<svg viewBox="0 0 24 24"><path d="M5 7h14M9.5 7V4.5h5V7M7 7l1 13h8l1-13m-7 3.5v6m4-6v6" /></svg>`,
  close: html`<svg viewBox="0 0 24 24"><path d="m6 6 12 12M18 6 6 18" /></svg>`,
  search: html`<svg viewBox="0 0 24 24"><circle cx="10.5" cy="10.5" r="6" /><path d="m15 15 5 5" /></svg>`,
  leave: html`<svg viewBox="0 0 24 24"><path d="M14 5H5v14h9m-4-7h10m-4-4 4 4-4 4" /></svg>`,
  down: html`<svg viewBox="0 0 24 24"><path d="M12 4v10m-4.5-4 4.5 4.5 4.5-4.5M5 19.5h14" /></svg>`,
  left: html`<svg viewBox="0 0 24 24"><path d="m14.5 6-6 6 6 6" /></svg>`,
  right: html`<svg viewBox="0 0 24 24"><path d="m9.5 6 6 6-6 6" /></svg>`,
};

/** @typedef {keyof typeof SHAPES} IconName */

/** A picture beside a word of the same meaning, and therefore hidden from screen readers. @param {IconName} name */
export const icon = (name) => html`<span class="icon" aria-hidden="true">${SHAPES[name]}</span>`;
