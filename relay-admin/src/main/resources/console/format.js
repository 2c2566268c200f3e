// Formats numbers, times and durations for the whole page.

const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** @param {number} value */
export function count(value) {
  return value >= 10_000_000 ? `${short(value / 1_000_000)} M` : WHOLE.format(value);
}

/** Returns the number with three significant digits. @param {number} value */
export function short(value) {
  return Math.abs(value) >= 100 ? WHOLE.format(value) : String(Number(value.toPrecision(3)));
}

/** Returns a rate per second, with one decimal if it is small. @param {number} value */
export function rate(value) {
  return value >= 9.95 ? count(value) : String(Number(value.toFixed(1)));
}

/** @param {number} value @param {string} one @param {string} [more] */
export function many(value, one, more = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** @param {number | null | undefined} seconds */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) {
    return '–';
  }
  if (seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  if (seconds < 10) {
    return `${seconds.toFixed(1)} s`;
  }
  if (seconds < 120) {
    return `${Math.round(seconds)} s`;
  }
  if (seconds < 7200) {
    return `${Math.round(seconds / 60)} min`;
  }
  if (seconds < 172_800) {
    return `${(seconds / 3600).toFixed(1)} h`;
  }
  return `${Math.round(seconds / 86_400)} days`;
}

const UNITS = [
  { from: 172_800, seconds: 86_400, name: 'd' },
  { from: 7200, seconds: 3600, name: 'h' },
  { from: 120, seconds: 60, name: 'min' },
  { from: 1, seconds: 1, name: 's' },
  { from: 0, seconds: 0.001, name: 'ms' },
];

/** Returns several durations, all in the unit of the longest. @param {number[]} all in seconds */
export function durations(all) {
  const longest = Math.max(0, ...all);
  const unit = UNITS.find(({ from }) => longest >= from) ?? UNITS[UNITS.length - 1];
  return all.map((seconds) => `${short(seconds / unit.seconds)} ${unit.name}`);
}

/** Returns the time of day, with the date if it is not today. @param {string | null | undefined} iso */
export function time(iso) {
  if (!iso) {
    return '–';
  }
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  return today ? CLOCK.format(at) : `${DAY.format(at)}, ${CLOCK.format(at)}`;
}

/** The exact time, for a title. @param {string | null | undefined} iso */
export function fullTime(iso) {
  return iso ? FULL.format(new Date(iso)) : '';
}

/** Returns the time in the format of an input of type datetime-local. @param {string} iso */
export function localTime(iso) {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** @param {string | null | undefined} iso */
export function ago(iso) {
  const seconds = iso ? (Date.now() - Date.parse(iso)) / 1000 : 0;
  return iso ? (seconds < 1 ? 'just now' : `${duration(seconds)} ago`) : '–';
}

/** Shortens a long id in the middle, because its beginning and its end distinguish it best. @param {string} id */
export function shortId(id, most = 60) {
  return id.length <= most ? id : `${id.slice(0, Math.ceil(most * 0.6))}…${id.slice(-Math.floor(most * 0.35))}`;
}

const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/**
 * Makes a sentence of a message: begins it with a capital, unless it begins with a name, ends it with a full stop, and
 * converts its times to the time zone of the browser.
 *
 * @param {string} text
 */
export function asSentence(text) {
  const begun = text.replace(/^\p{Ll}(?=\p{L}*([\s,;]|: |$))/u, (letter) => letter.toUpperCase()).replace(INSTANT, (iso) => time(iso));
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
