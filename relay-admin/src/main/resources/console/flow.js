import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { obstacle, parked, troubled } from './obstacle.js';
import { Part } from './part.js';
import { watch } from './watch.js';
import { count, duration, rate, time } from './words.js';

/** @import { IconName } from './icons.js' */
/** @import { StageName } from './obstacle.js' */
/** @import { Status } from './types.js' */

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
    const confirmed = watch.samples.at(-1)?.confirmed ?? 0;
    const inTheWay = obstacle(status);
    const stuck = inTheWay?.at ?? null;
    const paused = verdict.state === 'paused';
    const standing = verdict.state === 'standing-by';
    const trouble = troubled(status);
    const more = status.shards.some((shard) => shard.waitingIsMore);
    const oldest = Math.max(0, ...status.shards.map((shard) => shard.oldestSeconds ?? 0));
    const seeing = watch.state === 'seeing';
    const flows = seeing && !stuck && confirmed > 0;
    const broken = paused ? 'held' : 'broken';
    return html`<section class="card flow" aria-labelledby="flow-title">
      <h2 id="flow-title">${seeing ? 'Where events are now' : `Where events were at ${time(new Date(watch.seenAt).toISOString())}`}</h2>
      <ol class="stages">
        ${this.#stage({
          name: 'outbox', stuck, icon: 'table', label: 'Outbox',
          figure: `${count(path.waiting)}${more ? '+' : ''}`,
          unit: path.waiting === 1 ? 'event' : 'events',
          note: path.waiting > 0 ? `${path.waiting === 1 ? 'waiting' : 'waiting, the oldest'} for ${duration(oldest)}` : 'no event waits',
        })}
        ${this.#link(stuck === 'outbox' ? broken : flows ? 'flows' : '', standing ? 'another relay reads' : 'read')}
        ${this.#stage({
          name: 'reading', stuck, icon: 'pages', label: 'Read ahead',
          figure: count(path.readAhead), unit: path.readAhead === 1 ? 'event' : 'events',
          note: standing ? 'standing by' : 'held in memory, in order',
        })}
        ${this.#link(flows ? 'flows' : '', 'publish')}
        ${this.#stage({
          name: 'flight', stuck, icon: 'plane', label: 'In flight',
          figure: count(path.inFlight), unit: path.inFlight === 1 ? 'message' : 'messages',
          note: 'sent, not confirmed yet',
        })}
        ${this.#link(stuck === 'broker' ? broken : flows ? 'flows' : '', 'confirm')}
        ${this.#stage({
          name: 'broker', stuck, icon: 'broker', label: status.relay.broker.split(' ')[0],
          figure: rate(confirmed), unit: 'confirmed/s',
          note: inTheWay?.broker ?? trouble ?? (confirmed > 0 || path.waiting > 0 ? 'accepts events' : 'has accepted all events so far'),
          troubled: !inTheWay && trouble !== null,
        })}
      </ol>
      ${this.#asides(status)}
    </section>`;
  }

  /** @param {{name: StageName, stuck: StageName | null, icon: IconName, label: string, figure: string, unit: string, note: string, troubled?: boolean}} stage */
  #stage(stage) {
    const here = stage.stuck === stage.name;
    const paused = here && watch.status?.verdict.state === 'paused';
    return html`<li class="stage ${here ? (paused ? 'held' : 'stuck') : ''}" data-stage=${stage.name}>
      <span class="label">${icon(stage.icon)} ${stage.label}</span>
      <span class="figure">${stage.figure} <small>${stage.unit}</small></span>
      <span class="note ${stage.troubled ? 'troubled' : ''}">${stage.note}</span>
      ${here ? html`<strong class="flag">${icon(paused ? 'pause' : 'stop')} ${paused ? 'paused here' : 'stuck here'}</strong>` : nothing}
    </li>`;
  }

  /** @param {string} how @param {string} verb */
  #link(how, verb) {
    return html`<li class="link ${how}" aria-hidden="true">
      <span>${verb}</span>
      <svg viewBox="0 0 60 12" preserveAspectRatio="none"><path d="M0 6h60" /></svg>
    </li>`;
  }

  /** Events that do not go straight to the broker. @param {Status} status */
  #asides(status) {
    const { path } = status;
    const standing = parked(status);
    return html`<ul class="asides">
      <li class=${path.blocked + path.deferred + path.paused > 0 ? 'some' : ''}>
        ${icon('aside')}
        <span>
          <b>${count(path.blocked)}</b> blocked behind a rejected event, <b>${count(path.deferred)}</b> deferred because a destination is down${path.paused > 0
            ? html`, <b>${count(path.paused)}</b> held by a pause`
            : nothing}
        </span>
      </li>
      <li class=${path.rejected > 0 ? 'some bad' : ''}>
        ${icon('letter')}
        <a href="#/dead-letters"><b>${count(path.rejected)}${status.deadLetters.isMore ? '+' : ''}</b> ${path.rejected === 1 ? 'rejected event' : 'rejected events'}</a>
        <span>in</span>
        <a href="#/parked"><b>${count(standing)}</b> parked ${standing === 1 ? 'aggregate' : 'aggregates'}</a>
      </li>
      <li class=${path.retrying > 0 ? 'some' : ''}>
        ${icon('again')} <span><b>${count(path.retrying)}</b> being retried</span>
      </li>
    </ul>`;
  }
}

customElements.define('relay-flow', Flow);
