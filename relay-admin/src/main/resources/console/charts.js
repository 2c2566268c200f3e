import { html } from './lib/lit-html/lit-html.js';
import { Part } from './part.js';
import { watch } from './watch.js';
import { count, duration, durations, rate } from './words.js';
import './chart.js';

/** @import { Chart } from './chart.js' */

const SPANS = [
  { seconds: 300, label: '5 min' },
  { seconds: 900, label: '15 min' },
  { seconds: 3600, label: '1 h' },
];

/** What clocks count in, from a millisecond to a day; in seconds. */
const STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800,
  43_200, 86_400, 172_800, 604_800,
];

/** @param {number[]} values */
const plain = (values) => values.map((value) => count(value));

/** @type {Chart[]} */
const CHARTS = [
  {
    title: 'Throughput',
    unit: 'events per second',
    none: 'Nothing was measured yet.',
    least: 10,
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
    unit: 'commit to confirm',
    none: 'Nothing was confirmed in this time.',
    least: 5,
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
    scale: plain,
    write: (value) => (value === null || value === undefined ? '–' : count(value)),
    lines: [
      { label: 'in the outbox', colour: 'c-1', filled: true, value: (sample) => sample.waiting },
      { label: 'in flight', colour: 'c-2', value: (sample) => sample.inFlight },
    ],
  },
  {
    title: 'Lag',
    unit: 'age of the oldest that waits',
    none: 'Nothing has waited in this time.',
    least: 0.1,
    steps: STEPS,
    scale: durations,
    write: (value) => duration(value),
    lines: [{ label: 'oldest', colour: 'c-3', filled: true, value: (sample) => sample.oldestSeconds }],
  },
];

/** How it went lately. */
class Charts extends Part {
  begin() {
    this.follow(watch, 'change');
  }

  view() {
    return html`<section aria-labelledby="charts-title">
      <header class="section">
        <h2 id="charts-title">Lately <small>as this relay has seen it</small></h2>
        <div class="choices" role="group" aria-label="How far back">
          ${SPANS.map(
            ({ seconds, label }) => html`<button
              aria-pressed=${watch.span === seconds}
              @click=${() => (watch.span = seconds)}
            >
              ${label}
            </button>`,
          )}
        </div>
      </header>
      <div class="charts">${CHARTS.map((chart) => html`<time-chart .chart=${chart}></time-chart>`)}</div>
    </section>`;
  }
}

customElements.define('relay-charts', Charts);
