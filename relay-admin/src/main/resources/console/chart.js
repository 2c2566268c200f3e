import { html, nothing } from './lib/lit-html/lit-html.js';
import { Part } from './part.js';
import { theme } from './theme.js';
import { watch } from './watch.js';

/** @import { Sample } from './types.js' */

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} colour a custom property of the style sheet
 * @property {boolean} [filled]
 * @property {boolean} [rare] whether it is drawn only where it is not nothing
 * @property {(sample: Sample) => number | null} value
 */

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} unit
 * @property {string} none what is said where there is nothing to draw
 * @property {Line[]} lines
 * @property {(value: number | null | undefined) => string} write
 * @property {(values: number[]) => string[]} scale how values are written beside the axis, all alike
 * @property {number[]} [steps] between them, where tens are not what one counts in
 * @property {number} least what the scale shows at least
 */

const HEIGHT = 150;
const SHORTEST_SECONDS = 60;
const KEYS_STEP = 5;

/** Values over time: hover, or the arrow keys, tell those of a moment, in all charts at once. */
class TimeChart extends Part {
  /** @type {Chart | undefined} */
  chart;
  /** @type {any} */
  #plot = null;
  /** @type {number | null} */
  #pointed = null;
  /** @type {(number | null)[][]} */
  #data = [];
  #size = new ResizeObserver(() => this.#resize());

  begin() {
    this.follow(watch, 'change');
    this.follow(theme, 'change', () => this.#repaint());
    this.follow(this, 'keydown', (event) => this.#key(event));
    this.#size.observe(this);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#size.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  view() {
    const { chart } = this;
    if (!chart) {
      return nothing;
    }
    const { samples } = watch;
    const sample = samples[this.#pointed ?? samples.length - 1];
    const at = sample && (this.#pointed !== null || watch.state !== 'seeing') ? new Date(sample.at).toLocaleTimeString('en-GB') : 'now';
    const told = chart.lines.map((line) => ({ line, text: chart.write(sample ? line.value(sample) : null) }));
    const something = samples.some((one) => chart.lines.some((line) => drawn(line, line.value(one)) !== null));
    return html`<figure class="card chart">
      <figcaption>
        <h3>${chart.title} <small>${chart.unit}</small></h3>
        <span class="when ${this.#pointed === null ? '' : 'pointed'}">${at}</span>
        <span class="legend">
          ${told.map(
            ({ line, text }) =>
              html`<span class="key"><i class="swatch ${line.colour}"></i>${line.label} <b>${text}</b></span>`,
          )}
        </span>
      </figcaption>
      <div
        class="plot"
        tabindex="0"
        role="img"
        aria-label="${chart.title}: ${told.map(({ line, text }) => `${line.label} ${text}`).join(', ')}, ${at}. Arrow keys tell other moments."
      ></div>
      ${something ? nothing : html`<p class="none">${chart.none}</p>`}
    </figure>`;
  }

  drawn() {
    const box = /** @type {HTMLElement | null} */ (this.querySelector('.plot'));
    if (!box || !this.chart || box.clientWidth === 0) {
      return;
    }
    this.#data = this.#columns();
    if (this.#plot) {
      this.#plot.setData(this.#data, false);
      this.#plot.setScale('x', this.#span());
    } else {
      this.#plot = new uPlot(this.#options(box.clientWidth), this.#data, box);
    }
  }

  /** Where the relay was not seen for a while there is a gap, not a line. */
  #columns() {
    const { chart } = this;
    const { samples, intervalSeconds } = watch;
    const lines = chart?.lines ?? [];
    const columns = /** @type {(number | null)[][]} */ ([[], ...lines.map(() => [])]);
    let before = 0;
    for (const sample of samples) {
      const at = Date.parse(sample.at) / 1000;
      const gap = before > 0 && at - before > intervalSeconds * 5;
      if (gap) {
        columns[0].push(before + intervalSeconds);
        lines.forEach((_, i) => columns[i + 1].push(null));
      }
      columns[0].push(at);
      lines.forEach((line, i) => columns[i + 1].push(drawn(line, line.value(sample))));
      before = at;
    }
    return columns;
  }

  /** A relay that has just begun is not shown at the edge of a quarter of an hour in which it was not there. */
  #span() {
    const now = (watch.state === 'seeing' ? Date.now() : watch.seenAt) / 1000;
    const first = watch.samples.length > 0 ? Date.parse(watch.samples[0].at) / 1000 : now;
    return { min: Math.max(now - watch.span, Math.min(first, now - SHORTEST_SECONDS)), max: now };
  }

  /** @param {number[]} moments */
  #times(moments) {
    const { min, max } = this.#span();
    const digits = max - min < 300 ? 8 : 5;
    return moments.map((moment) => new Date(moment * 1000).toLocaleTimeString('en-GB').slice(0, digits));
  }

  /** @param {string} name */
  #colour(name) {
    const probe = document.createElement('i');
    probe.className = `swatch ${name}`;
    this.append(probe);
    const colour = getComputedStyle(probe).backgroundColor;
    probe.remove();
    return colour;
  }

  /** @param {number} width */
  #options(width) {
    const chart = /** @type {Chart} */ (this.chart);
    const axis = {
      stroke: () => this.#colour('c-axis'),
      grid: { stroke: () => this.#colour('c-grid'), width: 1 },
      ticks: { show: false },
      font: '11px Inter, system-ui, sans-serif',
    };
    return {
      width,
      height: HEIGHT,
      padding: [8, 18, 0, 0],
      legend: { show: false },
      cursor: { sync: { key: 'relay' }, y: false, points: { size: 7 }, drag: { x: false, y: false } },
      scales: {
        x: { time: true, range: () => [this.#span().min, this.#span().max] },
        y: { range: (/** @type {any} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [0, Math.max(chart.least, (high ?? 0) * 1.15)] },
      },
      axes: [
        { ...axis, size: 24, gap: 4, grid: { show: false }, values: (/** @type {any} */ _, /** @type {number[]} */ moments) => this.#times(moments), space: 80 },
        {
          ...axis, size: 52, gap: 6, space: 34,
          incrs: chart.steps,
          values: (/** @type {any} */ _, /** @type {number[]} */ values) => chart.scale(values),
        },
      ],
      series: [
        {},
        ...chart.lines.map((line) => ({
          label: line.label,
          width: 1.75,
          // One sample is no line yet.
          points: { show: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ first, /** @type {number} */ last) => first === last, size: 5 },
          stroke: () => this.#colour(line.colour),
          fill: line.filled ? () => this.#faded(line.colour) : undefined,
        })),
      ],
      hooks: { setCursor: [(/** @type {any} */ plot) => this.#point(plot.cursor.idx ?? null)] },
    };
  }

  /** @param {string} name */
  #faded(name) {
    return this.#colour(name).replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)');
  }

  /** @param {number | null} index into what is plotted, gaps included */
  #point(index) {
    const at = index === null ? undefined : this.#data[0]?.[index];
    const found = watch.samples.findIndex((sample) => Date.parse(sample.at) / 1000 === at);
    const pointed = found < 0 ? null : found;
    if (pointed !== this.#pointed) {
      this.#pointed = pointed;
      this.update();
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = { ArrowLeft: -KEYS_STEP, ArrowRight: KEYS_STEP }[event.key];
    if (!this.#plot || (step === undefined && event.key !== 'Escape')) {
      return;
    }
    event.preventDefault();
    const last = this.#data[0].length - 1;
    const from = this.#plot.cursor.idx ?? last;
    const { over } = this.#plot;
    if (step === undefined) {
      over.dispatchEvent(new MouseEvent('mouseleave'));
      return;
    }
    // As if the mouse went there: the other charts follow that, too.
    const to = this.#data[0][Math.min(last, Math.max(0, from + step))] ?? 0;
    const box = over.getBoundingClientRect();
    const clientX = box.left + this.#plot.valToPos(to, 'x');
    over.dispatchEvent(new MouseEvent('mousemove', { clientX, clientY: box.top + HEIGHT / 3, movementX: step }));
  }

  #repaint() {
    this.#plot?.redraw(false, true);
    this.update();
  }

  #resize() {
    const box = this.querySelector('.plot');
    if (box && this.#plot && box.clientWidth > 0) {
      this.#plot.setSize({ width: box.clientWidth, height: HEIGHT });
    } else if (box) {
      this.update();
    }
  }
}

/** @param {Line} line @param {number | null} value */
const drawn = (line, value) => (line.rare && value === 0 ? null : value);

customElements.define('time-chart', TimeChart);
