import { html, nothing } from './lib/lit-html/lit-html.js';
import { repeat } from './lib/lit-html/directives/repeat.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { question } from './confirm-dialog.js';
import { relay } from './api-client.js';
import { toasts } from './toasts.js';
import { watch } from './status-poller.js';
import { asSentence, count, duration, fullTime, many, time } from './format.js';

/** @import { Replay } from './types.js' */

const EVERY_MILLIS = 1500;
const TONES = { planned: 'info', waiting: 'info', running: 'good', done: 'good', cancelled: 'warn', failed: 'bad' };
const LIVELY = ['waiting', 'running'];

/** Starts replays, after showing how many events would be sent, and shows their progress. */
class Replays extends ViewElement {
  /** @type {Replay[]} */
  #replays = [];
  /** @type {Replay | null} */
  #plan = null;
  #loaded = false;
  #refusal = '';

  begin() {
    this.every(EVERY_MILLIS, () => this.#load());
    this.#load();
  }

  async #load() {
    try {
      this.#replays = (await relay.get('replays')).items;
      this.#loaded = true;
      this.update();
    } catch (failure) {
      if (!this.#loaded) {
        this.#refuse(failure);
      }
    }
  }

  /** @param {unknown} failure */
  #refuse(failure) {
    this.#refusal = String(/** @type {Error} */ (failure).message);
    this.update();
  }

  #asked() {
    const given = new FormData(/** @type {HTMLFormElement} */ (this.querySelector('form')));
    /** @type {Record<string, unknown>} */
    const asked = {};
    for (const name of ['aggregate', 'type', 'destination']) {
      if (given.get(name)) {
        asked[name] = String(given.get(name)).trim();
      }
    }
    for (const name of ['from', 'to']) {
      if (given.get(name)) {
        asked[name] = new Date(String(given.get(name))).toISOString();
      }
    }
    if (given.get('ratePerSecond')) {
      asked['ratePerSecond'] = Number(given.get('ratePerSecond'));
    }
    return asked;
  }

  #wantsAll() {
    return /** @type {HTMLInputElement} */ (this.querySelector('[name=all]')).checked;
  }

  /** @param {SubmitEvent} event */
  async #start(event) {
    event.preventDefault();
    this.#refusal = '';
    const asked = this.#asked();
    const isAll = !['from', 'to', 'aggregate', 'type'].some((name) => name in asked);
    if (isAll && !this.#wantsAll()) {
      this.#refusal = 'Which events? Fill in a time, an aggregate or an event type, or choose “all events that are kept”. Nothing was started';
      this.update();
      return;
    }
    try {
      this.#plan = /** @type {Replay} */ (await relay.post('replays', { ...asked, dryRun: true }));
      const chosen = this.#plan.matched ?? 0;
      this.update();
      const agreed = await question.ask({
        title: chosen === 0 ? 'Nothing would be sent' : `Send ${many(chosen, 'event')} again?`,
        text: html`<p>${asSentence(this.#plan.message)}</p>
          <p>They go ${asked['destination'] ? html`to <b>${asked['destination']}</b>` : 'where each event went first'}, in order per aggregate, marked with a header, beside live traffic. Consumers that drop repeats by event-id drop them.</p>`,
        yes: chosen === 0 ? 'Start it anyway' : `Send ${count(chosen)} again`,
        typed: isAll && chosen > 0 ? String(chosen) : undefined,
      });
      if (agreed) {
        const started = await relay.post('replays', isAll ? { ...asked, all: true } : asked);
        toasts.tell(`Replay ${started.id} has begun`);
      }
      this.#load();
    } catch (failure) {
      this.#refuse(failure);
    }
  }

  /** @param {Replay} replay */
  async #cancel(replay) {
    const agreed = await question.ask({
      title: `Cancel replay ${replay.id}?`,
      text: html`<p>${many(replay.sent, 'event')} ${replay.sent === 1 ? 'was' : 'were'} sent; the rest is not.</p>`,
      yes: 'Cancel the replay',
      danger: true,
    });
    if (!agreed) {
      return;
    }
    try {
      await relay.remove(`replays/${replay.id}`);
      toasts.tell(`Replay ${replay.id} is cancelled`);
    } catch (failure) {
      toasts.tellFailure(failure);
    }
    this.#load();
  }

  view() {
    return html`<section class="card changes" aria-labelledby="replay-title">
        <h2 id="replay-title">Send events again</h2>
        <p class="muted">Events that retention has kept are published again: for a consumer that lost some, or for a new consumer that needs earlier events. Leave a field empty to accept any value.</p>
        <form class="filters wide" @submit=${(/** @type {SubmitEvent} */ e) => this.#start(e)}>
          <label><span>From</span><input type="datetime-local" name="from" step="1" /></label>
          <label><span>To</span><input type="datetime-local" name="to" step="1" /></label>
          <label><span>Aggregate</span><input name="aggregate" placeholder="its id" autocomplete="off" /></label>
          <label><span>Event type</span><input name="type" autocomplete="off" /></label>
          <label><span>Destination</span><input name="destination" placeholder="where each event went first" list="replay-destinations" autocomplete="off" /></label>
          <label><span>At most, per second</span><input type="number" name="ratePerSecond" min="1" placeholder="1,000" /></label>
          <datalist id="replay-destinations">
            ${(watch.status?.destinations ?? []).map((one) => html`<option value=${one.destination}></option>`)}
          </datalist>
          <label class="check"><input type="checkbox" name="all" /> <span>all events that are kept</span></label>
          <button type="submit" class="primary">${icon('again')} See how many…</button>
        </form>
        ${this.#refusal ? html`<p class="refusal" role="alert">${asSentence(this.#refusal)}</p>` : nothing}
      </section>
      <section class="card" aria-labelledby="replays-title">
        <h2 id="replays-title">Replays</h2>
        ${this.#replays.length === 0
          ? this.#loaded
            ? html`<div class="nothing">${icon('again')}<p>Nothing has been sent again lately.</p></div>`
            : nothing
          : html`<ul class="replays">${repeat(this.#replays, (one) => one.id, (one) => this.#replay(one))}</ul>`}
      </section>`;
  }

  /** @param {Replay} one */
  #replay(one) {
    const lively = LIVELY.includes(one.state);
    const part = one.matched ? Math.min(1, one.sent / one.matched) : one.state === 'done' ? 1 : 0;
    return html`<li>
      <header>
        <h3>Replay ${one.id} <span class="tag ${TONES[one.state]}">${one.state}</span></h3>
        ${lively ? html`<button class="danger-text changes" @click=${() => this.#cancel(one)}>${icon('close')} Cancel</button>` : nothing}
      </header>
      <div class="progress">
        <progress max="1" .value=${part} aria-label="How far replay ${one.id} is"></progress>
        <span>${count(one.sent)}${one.matched === null ? '' : ` of ${count(one.matched)}`}${lively ? this.#left(one) : ''}</span>
      </div>
      <p>${asSentence(one.message)}</p>
      <p class="muted">
        ${[
          one.from || one.to ? `${one.from ? time(one.from) : 'the beginning'} to ${one.to ? time(one.to) : 'its start'}` : '',
          one.aggregate ? `aggregate ${one.aggregate}` : '',
          one.type ? `type ${one.type}` : '',
          `numbers ${one.firstSeq} to ${one.lastSeq}`,
          one.destination ? `to ${one.destination}` : '',
          one.ratePerSecond ? `at most ${count(one.ratePerSecond)}/s` : '',
        ]
          .filter((text) => text)
          .map((text) => html`${text} · `)}
        ${one.startedAt ? html`<span title=${fullTime(one.startedAt)}>started ${time(one.startedAt)}${one.by ? ` by ${one.by}` : ''}</span>` : nothing}
      </p>
    </li>`;
  }

  /** @param {Replay} one */
  #left(one) {
    if (!one.matched || !one.startedAt || one.sent === 0) {
      return '';
    }
    const seconds = (Date.now() - Date.parse(one.startedAt)) / 1000;
    return `, ${duration(Math.max(1, ((one.matched - one.sent) * seconds) / one.sent))} to go`;
  }
}

customElements.define('view-replays', Replays);
