import { html } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { watch } from './status-poller.js';
import { asSentence, time } from './format.js';

/** @import { IconName } from './icons.js' */
/** @import { RelayStatus, StateCode } from './types.js' */

/** A word, a colour and a picture for each state, so that colour alone never carries the meaning. */
/** @type {Record<StateCode | 'unknown', {word: string, tone: string, icon: IconName}>} */
const LOOKS = {
  delivering: { word: 'Delivering', tone: 'good', icon: 'check' },
  idle: { word: 'Idle', tone: 'good', icon: 'moon' },
  behind: { word: 'Behind', tone: 'warn', icon: 'clock' },
  stuck: { word: 'Stuck', tone: 'bad', icon: 'stop' },
  'standing-by': { word: 'Standing by', tone: 'info', icon: 'standby' },
  paused: { word: 'Paused', tone: 'warn', icon: 'pause' },
  starting: { word: 'Starting', tone: 'info', icon: 'dots' },
  stopping: { word: 'Stopping', tone: 'info', icon: 'dots' },
  unknown: { word: 'No answer', tone: 'bad', icon: 'silent' },
};

/** @param {StateCode | 'unknown'} state */
export const look = (state) => LOOKS[state] ?? { word: state, tone: 'info', icon: 'dots' };

/** Turns the name of a command in the relay's sentence into a link to the view with the same content. @param {string} text */
function linked(text) {
  const [begin, end] = text.split(/(?:see )?dead-letters list/);
  return end === undefined ? text : html`${begin}<a href="#/dead-letters">see the dead letters</a>${end}`;
}

/**
 * Returns the appearance of a status. A warning is amber in every state. The words are those of the command line.
 *
 * @param {ReturnType<typeof look>} seen
 * @param {RelayStatus} verdict
 * @returns {ReturnType<typeof look>}
 */
function graded(seen, { severity, headline }) {
  const tone = severity === 'stuck' ? 'bad' : severity === 'warning' ? 'warn' : seen.tone;
  const icon = severity === 'warning' && seen.tone === 'good' ? 'stop' : seen.icon;
  return { word: headline.charAt(0).toUpperCase() + headline.slice(1), tone, icon };
}

/** The status of the relay, in a word and a sentence. */
class StatusBanner extends ViewElement {
  begin() {
    this.follow(watch, 'change');
  }

  view() {
    const { status, state } = watch;
    if (!status) {
      return html`<section class="verdict card tone-info" aria-busy="true">
        <div class="mark">${icon('dots')}</div>
        <div><h1>Asking</h1><p>Asking the relay for its status.</p></div>
      </section>`;
    }
    const lost = state === 'lost';
    const seen = look(lost ? 'unknown' : status.status.state);
    const shown = lost ? seen : graded(seen, status.status);
    const text = lost
      ? `The relay has not answered since ${time(new Date(watch.seenAt).toISOString())}. The data below is from then.`
      : status.status.message;
    document.title = `${shown.word} · outbox-relay`;
    return html`<section class="verdict card tone-${shown.tone}" aria-label="How it is">
      <div class="mark">${icon(shown.icon)}</div>
      <div class="says">
        <h1>${shown.word}</h1>
        <p>${linked(asSentence(text))}</p>
        <span class="hidden" role="status">${shown.word}</span>
      </div>
    </section>`;
  }
}

customElements.define('relay-status', StatusBanner);
