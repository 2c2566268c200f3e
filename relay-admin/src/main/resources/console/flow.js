import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { Part } from './part.js';
import { watch } from './watch.js';
import { count, duration, many, short } from './words.js';

/** @import { IconName } from './icons.js' */
/** @import { Status } from './types.js' */

/** @typedef {'outbox' | 'reading' | 'flight' | 'broker'} StageName */

/** Where events cannot go on now, if anywhere. @param {Status} status @returns {StageName | null} */
function stuckAt(status) {
  const { verdict, path, shards, destinations } = status;
  if (verdict.state === 'paused') {
    return 'flight';
  }
  if (verdict.state !== 'stuck') {
    return null;
  }
  if (shards.some((shard) => !shard.led)) {
    return 'outbox';
  }
  if (/^on (the database|a lock)/.test(verdict.sentence)) {
    return 'outbox';
  }
  const sent = path.inFlight > 0 || path.readAhead > 0 || destinations.some((one) => one.failing);
  return sent || /\bbroker\b/.test(verdict.sentence) ? 'broker' : 'outbox';
}

/** The way of an event from the outbox to the broker, drawn, with how many are where now. */
class Flow extends Part {
  begin() {
    this.follow(watch, 'change');
  }

  view() {
    const { status } = watch;
    if (!status) {
      return nothing;
    }
    const { path, verdict } = status;
    const last = watch.samples.at(-1);
    const rate = last?.confirmed ?? 0;
    const stuck = stuckAt(status);
    const standing = verdict.state === 'standing-by';
    const failing = status.destinations.filter((one) => one.failing);
    const more = status.shards.some((shard) => shard.waitingIsMore);
    const oldest = Math.max(0, ...status.shards.map((shard) => shard.oldestSeconds ?? 0));
    const flows = watch.state === 'seeing' && !stuck && rate > 0;
    return html`<section class="card flow" aria-labelledby="flow-title">
      <h2 id="flow-title">Where events are now</h2>
      <ol class="stages">
        ${this.#stage({
          name: 'outbox', stuck, icon: 'table', label: 'Outbox',
          figure: `${count(path.waiting)}${more ? '+' : ''}`,
          unit: path.waiting === 1 ? 'event' : 'events',
          note: path.waiting > 0 ? `waiting, the oldest for ${duration(oldest)}` : 'nothing waits',
        })}
        ${this.#link(flows, stuck === 'outbox', standing ? 'another relay reads' : 'read')}
        ${this.#stage({
          name: 'reading', stuck, icon: 'pages', label: 'Read ahead',
          figure: count(path.readAhead), unit: path.readAhead === 1 ? 'event' : 'events',
          note: standing ? 'standing by' : 'held in memory, in order',
        })}
        ${this.#link(flows, false, 'publish')}
        ${this.#stage({
          name: 'flight', stuck, icon: 'plane', label: 'In flight',
          figure: count(path.inFlight), unit: path.inFlight === 1 ? 'message' : 'messages',
          note: 'sent, not confirmed yet',
        })}
        ${this.#link(flows, stuck === 'broker' || stuck === 'flight', 'confirm')}
        ${this.#stage({
          name: 'broker', stuck, icon: 'broker', label: status.relay.broker.split(' ')[0],
          figure: short(rate), unit: 'confirmed/s',
          note: failing.length > 0
            ? `${many(failing.length, 'destination')} ${failing.length === 1 ? 'takes' : 'take'} nothing`
            : 'takes what is sent',
        })}
      </ol>
      ${this.#asides(status)}
    </section>`;
  }

  /** @param {{name: StageName, stuck: StageName | null, icon: IconName, label: string, figure: string, unit: string, note: string}} stage */
  #stage(stage) {
    const here = stage.stuck === stage.name;
    const paused = here && watch.status?.verdict.state === 'paused';
    return html`<li class="stage ${here ? (paused ? 'held' : 'stuck') : ''}" data-stage=${stage.name}>
      <span class="label">${icon(stage.icon)} ${stage.label}</span>
      <span class="figure">${stage.figure} <small>${stage.unit}</small></span>
      <span class="note">${stage.note}</span>
      ${here ? html`<strong class="flag">${icon(paused ? 'pause' : 'stop')} ${paused ? 'paused here' : 'stuck here'}</strong>` : nothing}
    </li>`;
  }

  /** @param {boolean} flows @param {boolean} broken @param {string} verb */
  #link(flows, broken, verb) {
    return html`<li class="link ${flows ? 'flows' : ''} ${broken ? 'broken' : ''}" aria-hidden="true">
      <span>${verb}</span>
      <svg viewBox="0 0 60 12" preserveAspectRatio="none"><path d="M0 6h60" /></svg>
    </li>`;
  }

  /** What left the straight way. @param {Status} status */
  #asides({ path }) {
    return html`<ul class="asides">
      <li class=${path.setAside > 0 ? 'some' : ''}>
        ${icon('aside')}
        <span><b>${count(path.setAside)}</b> set aside, behind another event or for a destination</span>
      </li>
      <li class=${path.deadLetters > 0 ? 'some bad' : ''}>
        ${icon('letter')}
        <a href="#/dead-letters"><b>${count(path.deadLetters)}</b> ${path.deadLetters === 1 ? 'dead letter' : 'dead letters'}</a>
        <span>in</span>
        <a href="#/parked"><b>${count(path.parkedAggregates)}</b> parked ${path.parkedAggregates === 1 ? 'aggregate' : 'aggregates'}</a>
      </li>
      <li class=${path.retrying > 0 ? 'some' : ''}>
        ${icon('again')} <span><b>${count(path.retrying)}</b> on the way back</span>
      </li>
    </ul>`;
  }
}

customElements.define('relay-flow', Flow);
