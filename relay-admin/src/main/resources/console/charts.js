import { html, nothing } from './lib/lit-html/lit-html.js';
import { axis } from './axis.js';
import { icon } from './icons.js';
import { ViewElement } from './view-element.js';
import { watch } from './status-poller.js';
import { asSentence, count, duration, durations, fullTime, rate, time } from './format.js';
import './chart.js';

/** @import { Chart } from './chart.js' */
/** @import { IconName } from './icons.js' */
/** @import { Mark } from './types.js' */

const SPANS = [
  { seconds: 300, label: '5 min' },
  { seconds: 900, label: '15 min' },
  { seconds: 3600, label: '1 h' },
  { seconds: 21_600, label: '6 h' },
  { seconds: 86_400, label: '24 h' },
];

/** The possible steps between labels of a time, from a millisecond to a day, in seconds. */
const STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800,
  43_200, 86_400, 172_800, 604_800,
];

/** The possible labels of a logarithmic axis, in seconds. */
const MAGNITUDES = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 36_000, 86_400, 604_800];
const TENS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000];

/** @param {number[]} values */
const plain = (values) => values.map((value) => count(value));

/** @type {Chart[]} */
const CHARTS = [
  {
    title: 'Throughput',
    unit: 'events per second',
    none: 'Nothing was measured yet.',
    least: 10,
    smallest: 1,
    magnitudes: TENS,
    scale: plain,
    write: (value) => (value === null || value === undefined ? '–' : rate(value)),
    lines: [
      { label: 'attempted', colour: 'c-2', value: (sample) => sample.attempted },
      { label: 'confirmed', colour: 'c-1', filled: true, value: (sample) => sample.confirmed },
      { label: 'rejected', colour: 'c-bad', rare: true, value: (sample) => sample.rejected },
    ],
  },
  {
    title: 'Latency',
    unit: 'transaction to confirm',
    none: 'Nothing was confirmed in this time.',
    least: 5,
    smallest: 1,
    magnitudes: MAGNITUDES.map((value) => value * 1000),
    steps: STEPS.map((step) => step * 1000),
    scale: (values) => durations(values.map((value) => value / 1000)),
    write: (value) => (value === null || value === undefined ? '–' : duration(value / 1000)),
    lines: [
      { label: 'p99', colour: 'c-3', value: (sample) => sample.p99Millis },
      { label: 'median', colour: 'c-1', filled: true, value: (sample) => sample.p50Millis },
    ],
  },
  {
    title: 'Waiting',
    unit: 'events committed, not confirmed',
    none: 'Nothing was measured yet.',
    least: 10,
    smallest: 1,
    magnitudes: TENS,
    scale: plain,
    write: (value) => (value === null || value === undefined ? '–' : count(value)),
    lines: [{ label: 'in the outbox', colour: 'c-1', filled: true, value: (sample) => sample.waiting }],
  },
  {
    title: 'Lag',
    unit: 'age of the oldest event that waits',
    none: 'Nothing was measured yet.',
    least: 0.1,
    smallest: 0.01,
    magnitudes: MAGNITUDES,
    steps: STEPS,
    scale: durations,
    write: (value) => (value === 0 ? '0 s' : duration(value)),
    lines: [{ label: 'oldest', colour: 'c-3', filled: true, value: (sample) => sample.oldestSeconds }],
  },
];

/** @type {Record<Mark['kind'], {word: string, icon: IconName}>} */
const MARKS = {
  start: { word: 'Started', icon: 'play' },
  pause: { word: 'Paused', icon: 'pause' },
  outage: { word: 'Outage', icon: 'stop' },
};

const MOST_MARKS = 6;

/** The charts of the last minutes or hours, with starts, pauses and outages in that time. */
class Charts extends ViewElement {
  begin() {
    this.follow(watch, 'change');
    this.follow(axis, 'change');
  }

  view() {
    return html`<section aria-labelledby="charts-title">
      <header class="section">
        <h2 id="charts-title">History <small>measured by this relay since its start</small></h2>
        <div class="choosers">
          <div class="choices" role="group" aria-label="Axis">
            ${axis.choices.map(
              (choice) => html`<button aria-pressed=${axis.choice === choice} @click=${() => (axis.choice = choice)}>${choice}</button>`,
            )}
          </div>
          <div class="choices" role="group" aria-label="How far back">
            ${SPANS.map(
              ({ seconds, label }) => html`<button aria-pressed=${watch.span === seconds} @click=${() => (watch.span = seconds)}>
                ${label}
              </button>`,
            )}
          </div>
        </div>
      </header>
      ${this.#marks()}
      <div class="charts">${CHARTS.map((chart) => html`<time-chart .chart=${chart}></time-chart>`)}</div>
    </section>`;
  }

  /** Lists the marks in words, because a screen reader cannot read a band in a chart. */
  #marks() {
    const oldest = watch.now - watch.span * 1000;
    const marks = watch.marks.filter((mark) => mark.to === null || Date.parse(mark.to) >= oldest);
    if (marks.length === 0) {
      return nothing;
    }
    const shown = marks.slice(-MOST_MARKS);
    return html`<ul class="marks" aria-label="What happened in this time">
      ${marks.length > shown.length ? html`<li class="muted">${count(marks.length - shown.length)} earlier</li>` : nothing}
      ${shown.map(
        (mark) => html`<li class="mark-${mark.kind}" title="${asSentence(mark.message)} ${fullTime(mark.from)}">
          ${icon(MARKS[mark.kind].icon)} ${MARKS[mark.kind].word} ${time(mark.from)}${mark.kind === 'start'
            ? nothing
            : mark.to === null
              ? ' until now'
              : ` to ${time(mark.to)}`}
        </li>`,
      )}
    </ul>`;
  }
}

customElements.define('relay-charts', Charts);
