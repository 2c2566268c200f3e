import { relay, Refused } from './api-client.js';
import { duration, time } from './format.js';

/** @import { History, Mark, Sample, Status } from './types.js' */

const EVERY_MILLIS = 1000;
const HIDDEN_EVERY_MILLIS = 5000;
const AGAIN_MILLIS = 2000;
const LONGEST_SECONDS = 86_400;
/** The interval at which the whole history is loaded again, because older samples are merged into minutes meanwhile. */
const WHOLLY_AGAIN_MILLIS = 60_000;
/** Loads a little more than the time that has passed, because samples arrive late. */
const OVERLAP_SECONDS = 5;
/** Clocks that differ by less count as equal, because the time of an answer adds to the difference. */
const SAME_CLOCK_MILLIS = 30_000;

/**
 * Polls the relay, and notifies all elements of this page.
 *
 * <pre>
 *   asking ── answered ──▶ seeing ── no answer ──▶ lost ── answered ──▶ seeing, and `again` is told
 *      └──── no token ─────▶ locked ◀── no token ───┘
 * </pre>
 *
 * Events: `change` after every poll; `again` with a sentence if the relay answers after a silence or was restarted.
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
  /** The time by which the relay's clock is ahead of the browser's; 0 if they differ by little. */
  #aheadMillis = 0;

  begin() {
    document.addEventListener('visibilitychange', () => this.soon());
    this.soon();
  }

  /** The present time by the relay's clock, which samples and marks use. */
  get now() {
    return Date.now() + this.#aheadMillis;
  }

  /** The time of the relay's last answer, by the relay's clock. */
  get seenUntil() {
    return this.state === 'seeing' ? this.now : this.seenAt + this.#aheadMillis;
  }

  /** The shown part of the history, in seconds. */
  get span() {
    return this.#span;
  }

  set span(seconds) {
    this.#span = Math.min(seconds, LONGEST_SECONDS);
    this.soon();
    this.#tell();
  }

  /** Polls at once, for example after a change. */
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
      // One request after the other, because two requests with a wrong token would count as two failed attempts.
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
    // The time since the last answer is measured with the browser's clock alone, because the relay's clock may differ.
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

  /** Adds marks. Marks from before a restart of the relay are kept as long as the page is open. @param {Mark[]} news */
  #mark(news) {
    const byBegin = new Map([...this.marks, ...news].map((mark) => [`${mark.kind} ${mark.from}`, mark]));
    const oldest = this.now - LONGEST_SECONDS * 1000;
    this.marks = [...byBegin.values()].filter((mark) => mark.to === null || Date.parse(mark.to) >= oldest);
  }

  /** Adds samples. A history that was loaded as a whole replaces the samples of its time, because older ones are coarser now. @param {Sample[]} news @param {boolean} wholly */
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
