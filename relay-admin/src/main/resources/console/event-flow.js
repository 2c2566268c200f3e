import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { blockage, parked, troubled } from './blockage.js';
import { ViewElement } from './view-element.js';
import { watch } from './status-poller.js';
import { count, duration, rate, time } from './format.js';

/** @import { IconName } from './icons.js' */
/** @import { StageName } from './blockage.js' */
/** @import { Status } from './types.js' */

/** A picture of the way from the outbox to the broker, with the number of events at each stage. */
class Flow extends ViewElement {
  begin() {
    this.follow(watch, 'change');
  }

  view() {
    const { status } = watch;
    if (!status) {
      return nothing;
    }
    const { backlog, status: state } = status;
    const confirmed = watch.samples.at(-1)?.confirmed ?? 0;
    const inTheWay = blockage(status);
    const stuck = inTheWay?.at ?? null;
    const paused = state.state === 'paused';
    const standing = state.state === 'standing-by';
    const trouble = troubled(status);
    const more = status.shards.some((shard) => shard.waitingIsUpperBound);
    const oldest = Math.max(0, ...status.shards.map((shard) => shard.oldestSeconds ?? 0));
    const seeing = watch.state === 'seeing';
    const flows = seeing && !stuck && confirmed > 0;
    const broken = paused ? 'held' : 'broken';
    return html`<section class="card flow" aria-labelledby="flow-title">
      <h2 id="flow-title">${seeing ? 'Where events are now' : `Where events were at ${time(new Date(watch.seenAt).toISOString())}`}</h2>
      <ol class="stages">
        ${this.#stage({
          name: 'outbox', stuck, icon: 'table', label: 'Outbox',
          figure: `${count(backlog.waiting)}${more ? '+' : ''}`,
          unit: backlog.waiting === 1 ? 'event' : 'events',
          note: backlog.waiting > 0 ? `${backlog.waiting === 1 ? 'waiting' : 'waiting, the oldest'} for ${duration(oldest)}` : 'no event waits',
        })}
        ${this.#link(stuck === 'outbox' ? broken : flows ? 'flows' : '', standing ? 'another relay reads' : 'read')}
        ${this.#stage({
          name: 'reading', stuck, icon: 'pages', label: 'Read ahead',
          figure: count(backlog.readAhead), unit: backlog.readAhead === 1 ? 'event' : 'events',
          note: standing ? 'standing by' : 'held in memory, in order',
        })}
        ${this.#link(flows ? 'flows' : '', 'publish')}
        ${this.#stage({
          name: 'flight', stuck, icon: 'plane', label: 'In flight',
          figure: count(backlog.inFlight), unit: backlog.inFlight === 1 ? 'message' : 'messages',
          note: 'sent, not confirmed yet',
        })}
        ${this.#link(stuck === 'broker' ? broken : flows ? 'flows' : '', 'confirm')}
        ${this.#stage({
          name: 'broker', stuck, icon: 'broker', label: status.relay.broker.split(' ')[0],
          figure: rate(confirmed), unit: 'confirmed/s',
          note: inTheWay?.broker ?? trouble ?? (confirmed > 0 || backlog.waiting > 0 ? 'accepts events' : 'has accepted all events so far'),
          troubled: !inTheWay && trouble !== null,
        })}
      </ol>
      ${this.#asides(status)}
    </section>`;
  }

  /** @param {{name: StageName, stuck: StageName | null, icon: IconName, label: string, figure: string, unit: string, note: string, troubled?: boolean}} stage */
  #stage(stage) {
    const here = stage.stuck === stage.name;
    const paused = here && watch.status?.status.state === 'paused';
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

  /** The events that are set aside: blocked, rejected, deferred and paused ones. @param {Status} status */
  #asides(status) {
    const { backlog } = status;
    const standing = parked(status);
    return html`<ul class="asides">
      <li class=${backlog.blocked + backlog.deferred + backlog.paused > 0 ? 'some' : ''}>
        ${icon('aside')}
        <span>
          <b>${count(backlog.blocked)}</b> blocked behind a rejected event, <b>${count(backlog.deferred)}</b> deferred because a destination is down${backlog.paused > 0
            ? html`, <b>${count(backlog.paused)}</b> held by a pause`
            : nothing}
        </span>
      </li>
      <li class=${backlog.rejected > 0 ? 'some bad' : ''}>
        ${icon('letter')}
        <a href="#/dead-letters"><b>${count(backlog.rejected)}${status.deadLetters.isLowerBound ? '+' : ''}</b> ${backlog.rejected === 1 ? 'rejected event' : 'rejected events'}</a>
        <span>in</span>
        <a href="#/parked"><b>${count(standing)}</b> parked ${standing === 1 ? 'aggregate' : 'aggregates'}</a>
      </li>
      <li class=${backlog.retrying > 0 ? 'some' : ''}>
        ${icon('again')} <span><b>${count(backlog.retrying)}</b> being retried</span>
      </li>
    </ul>`;
  }
}

customElements.define('relay-flow', Flow);
