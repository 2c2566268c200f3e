import { relay, Refused } from './api-client.js';
import { duration, time } from './format.js';

/** @import { History, Mark, Sample, Status } from './types.js' */

const EVERY_MILLIS = 1000;
const HIDDEN_EVERY_MILLIS = 5000;
const AGAIN_MILLIS = 2000;
const LONGEST_SECONDS = 86_400;
/** From so many seconds on, older samples are of a minute each, and become such while the page is open. */
const WHOLLY_AGAIN_MILLIS = 60_000;
/** A little more than passed, as samples come late. */
const OVERLAP_SECONDS = 5;
/** Clocks that differ by less count as equal, because an answer takes its time too. */
const SAME_CLOCK_MILLIS = 30_000;

/**
 * Keeps looking at the relay, and tells all elements of this page what it saw.
 *
 * <pre>
 *   asking ── answered ──▶ seeing ── no answer ──▶ lost ── answered ──▶ seeing, and `again` is told
 *      └──── no token ─────▶ locked ◀── no token ───┘
 * </pre>
 *
 * Events: `change` after every look, `again` with a sentence when the relay answers after a silence
 * or is another process than before.
 */
class Watch extends EventTarget {
  /** @type {'asking' | 'seeing' | 'lost' | 'troubled' | 'locked'} */
  state = 'asking';
  /** The reason why the relay cannot be reached; empty if it can. */
  trouble = '';
  /** @type {Status | null} */
  status = null;
  /** @type {Sample[]} */
  samples = [];
  /** When the relay started, was paused or could not publish. @type {Mark[]} */
  marks = [];
  /** When the relay last answered. */
  seenAt = 0;
  intervalSeconds = 1;
  #span = 900;
  #loadedSpan = 0;
  #loadedAt = 0;
  #fullResolutionSeconds = 3600;
  #timer = 0;
  #looking = false;
  /** How far the relay's clock is ahead of the browser's; 0 if they differ by little. */
  #aheadMillis = 0;

  begin() {
    document.addEventListener('visibilitychange', () => this.soon());
    this.soon();
  }

  /** The time by the relay's clock, by which samples and marks are. */
  get now() {
    return Date.now() + this.#aheadMillis;
  }

  /** Up to when the relay was seen, by its own clock. */
  get seenUntil() {
    return this.state === 'seeing' ? this.now : this.seenAt + this.#aheadMillis;
  }

  /** How many seconds of history are of interest. */
  get span() {
    return this.#span;
  }

  set span(seconds) {
    this.#span = Math.min(seconds, LONGEST_SECONDS);
    this.soon();
    this.#tell();
  }

  /** Looks now rather than in a while, as after something was changed. */
  soon() {
    clearTimeout(this.#timer);
    this.#look();
  }

  async #look() {
    if (this.#looking) {
      return;
    }
    this.#looking = true;
    try {
      // One after the other: a wrong token is one wrong attempt, not two.
      const status = await relay.get('status');
      const wholly = this.#wholly();
      this.#saw(status, await relay.get('history', { seconds: this.#missingSeconds() }), wholly);
    } catch (failure) {
      this.#failed(failure);
    } finally {
      this.#looking = false;
    }
    this.#tell();
    if (this.state !== 'locked') {
      this.#timer = setTimeout(() => this.#look(), this.#pause());
    }
  }

  #pause() {
    if (this.state !== 'seeing') {
      return AGAIN_MILLIS;
    }
    return document.hidden ? HIDDEN_EVERY_MILLIS : EVERY_MILLIS;
  }

  #missingSeconds() {
    if (this.#wholly()) {
      return this.#span;
    }
    // Since the last answer by the browser's clock alone: the relay's, by which samples are, may show another time.
    const passed = Math.max(0, Math.ceil((Date.now() - this.seenAt) / 1000));
    return Math.min(this.#span, passed + Math.ceil(this.intervalSeconds) + OVERLAP_SECONDS);
  }

  #wholly() {
    const coarse = this.#span > this.#fullResolutionSeconds && Date.now() - this.#loadedAt > WHOLLY_AGAIN_MILLIS;
    return this.#loadedSpan < this.#span || this.samples.length === 0 || coarse;
  }

  /** @param {Status} status @param {History} history @param {boolean} wholly */
  #saw(status, history, wholly) {
    const before = this.status?.relay;
    const restarted = before && before.startedAt !== status.relay.startedAt;
    if (this.state === 'lost') {
      this.#tellAgain(
        `The relay answers again after ${duration((Date.now() - this.seenAt) / 1000)}` +
          (restarted ? `; it was restarted at ${time(status.relay.startedAt)}.` : '.'),
      );
    } else if (restarted) {
      this.#tellAgain(`The relay was restarted at ${time(status.relay.startedAt)}.`);
    }
    this.state = 'seeing';
    this.trouble = '';
    this.status = status;
    this.seenAt = Date.now();
    this.intervalSeconds = history.intervalSeconds;
    this.#fullResolutionSeconds = history.fullResolutionSeconds;
    this.#compareClocks(history.samples);
    this.#keep(history.samples, wholly);
    this.#mark(history.annotations);
  }

  /** @param {Sample[]} news */
  #compareClocks(news) {
    if (news.length > 0) {
      const ahead = Date.parse(news[news.length - 1].at) - Date.now();
      this.#aheadMillis = Math.abs(ahead) > SAME_CLOCK_MILLIS ? ahead : 0;
    }
  }

  /** Marks of before a restart are kept as long as the page is open. @param {Mark[]} news */
  #mark(news) {
    const byBegin = new Map([...this.marks, ...news].map((mark) => [`${mark.kind} ${mark.from}`, mark]));
    const oldest = this.now - LONGEST_SECONDS * 1000;
    this.marks = [...byBegin.values()].filter((mark) => mark.to === null || Date.parse(mark.to) >= oldest);
  }

  /** All of them replace those of the same time: older ones are coarser now. @param {Sample[]} news @param {boolean} wholly */
  #keep(news, wholly) {
    const begin = wholly && news.length > 0 ? Date.parse(news[0].at) : Infinity;
    const byTime = new Map(this.samples.filter((sample) => Date.parse(sample.at) < begin).map((sample) => [sample.at, sample]));
    if (wholly) {
      this.#loadedAt = Date.now();
    }
    if (!wholly) {
      this.samples.forEach((sample) => byTime.set(sample.at, sample));
    }
    news.forEach((sample) => byTime.set(sample.at, sample));
    const oldest = this.now - LONGEST_SECONDS * 1000;
    this.samples = [...byTime.values()]
      .filter((sample) => Date.parse(sample.at) >= oldest)
      .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
    this.#loadedSpan = Math.max(this.#loadedSpan, this.#span);
  }

  /** @param {unknown} failure */
  #failed(failure) {
    if (failure instanceof Refused && (failure.locked || failure.status === 429)) {
      this.state = 'locked';
    } else {
      this.state = failure instanceof Refused ? 'troubled' : 'lost';
    }
    this.trouble = failure instanceof Error ? failure.message : String(failure);
  }

  #tell() {
    this.dispatchEvent(new Event('change'));
  }

  /** @param {string} message */
  #tellAgain(message) {
    this.dispatchEvent(new CustomEvent('again', { detail: message }));
  }
}

export const watch = new Watch();
