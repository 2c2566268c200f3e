import { html, nothing } from './lib/lit-html/lit-html.js';
import { axis, height, ticks, valueAt } from './axis.js';
import { ViewElement } from './view-element.js';
import { theme } from './theme.js';
import { watch } from './status-poller.js';

/** @import { Sample } from './types.js' */

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {string} colour a custom property of the style sheet
 * @property {boolean} [filled]
 * @property {boolean} [rare] true if zeros are not drawn
 * @property {(sample: Sample) => number | null} value
 */

/**
 * @typedef {object} Chart
 * @property {string} title
 * @property {string} unit
 * @property {string} none the text if there are no values
 * @property {Line[]} lines
 * @property {(value: number | null | undefined) => string} write
 * @property {(values: number[]) => string[]} scale writes the labels of the axis, all in one unit
 * @property {number[]} [steps] the possible steps between labels, if they are not powers of ten
 * @property {number} least the least upper end of the axis
 * @property {number} smallest the smallest value that a logarithmic axis distinguishes from 0
 * @property {number[]} magnitudes the possible labels of a logarithmic axis
 */

const HEIGHT = 150;
const SHORTEST_SECONDS = 60;
const KEYS_STEP = 5;
const MOST_TICKS = 5;
/** Leaves room above the highest value, so that its line is not cut. */
const HEADROOM = 1.15;

/** Values over time. If the mouse or the arrow keys select a moment, all charts show their values of it. */
class TimeChart extends ViewElement {
  /** @type {Chart | undefined} */
  chart;
  /** @type {any} */
  #plot = null;
  /** @type {number | null} */
  #pointed = null;
  /** @type {(number | null)[][]} */
  #data = [];
  #logarithmic = false;
  #size = new ResizeObserver(() => this.#resize());

  begin() {
    this.follow(watch, 'change');
    this.follow(axis, 'change');
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
        <h3>${chart.title} <small>${chart.unit}${this.#logarithmic ? ', logarithmic' : ''}</small></h3>
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

  /** Returns the columns to plot. If samples are missing for a while, the line has a gap there. */
  #columns() {
    const { chart } = this;
    const { samples, intervalSeconds } = watch;
    const lines = chart?.lines ?? [];
    const { min } = this.#span();
    const shown = samples.filter((sample) => Date.parse(sample.at) / 1000 >= min);
    this.#logarithmic = axis.isLogarithmic(
      shown.flatMap((sample) => lines.map((line) => line.value(sample))).filter((value) => value !== null),
    );
    const drawnAt = (/** @type {number | null} */ value) => (value === null ? null : this.#up(value));
    const columns = /** @type {(number | null)[][]} */ ([[], ...lines.map(() => [])]);
    let before = 0;
    for (const sample of samples) {
      const at = Date.parse(sample.at) / 1000;
      const gap = before > 0 && at - before > Math.max(intervalSeconds * 5, sample.seconds * 2);
      if (gap) {
        columns[0].push(before + intervalSeconds);
        lines.forEach((_, i) => columns[i + 1].push(null));
      }
      columns[0].push(at);
      lines.forEach((line, i) => columns[i + 1].push(drawnAt(drawn(line, line.value(sample)))));
      before = at;
    }
    return columns;
  }

  /** @param {number} value */
  #up(value) {
    return this.#logarithmic && this.chart ? height(value, this.chart.smallest) : value;
  }

  /** The heights of the labels of a logarithmic axis. @param {number} high */
  #ticks(high) {
    const { smallest = 1, magnitudes = [] } = this.chart ?? {};
    return ticks(valueAt(high, smallest), magnitudes, MOST_TICKS).map((tick) => height(tick, smallest));
  }

  /** @param {number} high the highest of the heights that are drawn */
  #top(high) {
    const least = this.#up(this.chart?.least ?? 1);
    return Math.max(least, high * (this.#logarithmic ? 1.05 : HEADROOM));
  }

  /** @param {number[]} heights */
  #written(heights) {
    const { chart } = this;
    if (!chart || !this.#logarithmic) {
      return chart?.scale(heights) ?? [];
    }
    return heights.map((at) => (at === 0 ? '0' : chart.scale([valueAt(at, chart.smallest)])[0]));
  }

  /** Draws bands for the times in which the relay was paused or could not publish, and a line for its start. @param {any} plot */
  #drawMarks(plot) {
    const { min, max } = this.#span();
    const { left, top, height: high } = plot.bbox;
    const x = (/** @type {number} */ at) => Math.max(left, plot.valToPos(Math.max(at, min), 'x', true));
    for (const mark of watch.marks) {
      const from = Date.parse(mark.from) / 1000;
      const to = mark.to === null ? max : Date.parse(mark.to) / 1000;
      if (to >= min && from <= max) {
        plot.ctx.save();
        plot.ctx.globalAlpha = mark.kind === 'start' ? 0.7 : 0.16;
        plot.ctx.fillStyle = this.#colour({ start: 'c-axis', pause: 'c-warn', outage: 'c-bad' }[mark.kind]);
        const begin = x(from);
        plot.ctx.fillRect(begin, top, mark.kind === 'start' ? devicePixelRatio : Math.max(3 * devicePixelRatio, x(Math.min(to, max)) - begin), high);
        plot.ctx.restore();
      }
    }
  }

  /** The shown time. It begins at the first sample if the relay has run for a shorter time than was chosen. */
  #span() {
    const now = watch.seenUntil / 1000;
    const first = watch.samples.length > 0 ? Date.parse(watch.samples[0].at) / 1000 : now;
    return { min: Math.max(now - watch.span, Math.min(first, now - SHORTEST_SECONDS)), max: now };
  }

  /** @param {number[]} moments */
  #times(moments) {
    const { min, max } = this.#span();
    const digits = max - min < 300 ? 8 : 5; // Seconds are shown only if the span is short.
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
    const look = {
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
        y: { range: (/** @type {any} */ _, /** @type {number} */ _low, /** @type {number} */ high) => [0, this.#top(high ?? 0)] },
      },
      axes: [
        { ...look, size: 24, gap: 4, grid: { show: false }, values: (/** @type {any} */ _, /** @type {number[]} */ moments) => this.#times(moments), space: 80 },
        {
          ...look, size: 52, gap: 6, space: 34,
          incrs: chart.steps,
          splits: (/** @type {any} */ _plot, /** @type {number} */ _at, /** @type {number} */ low, /** @type {number} */ high, /** @type {number} */ step) =>
            this.#logarithmic ? this.#ticks(high) : evenly(low, high, step),
          values: (/** @type {any} */ _, /** @type {number[]} */ heights) => this.#written(heights),
        },
      ],
      series: [
        {},
        ...chart.lines.map((line) => ({
          label: line.label,
          width: 1.75,
          // A single sample is drawn as a point, because it makes no line.
          points: { show: (/** @type {any} */ _, /** @type {number} */ __, /** @type {number} */ first, /** @type {number} */ last) => first === last, size: 5 },
          stroke: () => this.#colour(line.colour),
          fill: line.filled ? () => this.#faded(line.colour) : undefined,
        })),
      ],
      hooks: {
        drawClear: [(/** @type {any} */ plot) => this.#drawMarks(plot)],
        setCursor: [(/** @type {any} */ plot) => this.#point(plot.cursor.idx ?? null)],
      },
    };
  }

  /** @param {string} name */
  #faded(name) {
    return this.#colour(name).replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)');
  }

  /** @param {number | null} index of the column in the plot, gaps included */
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
    // Moves the cursor as the mouse would, so that the other charts follow.
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

/** @param {number} low @param {number} high @param {number} step */
function evenly(low, high, step) {
  const at = [];
  for (let n = Math.ceil(low / step); n * step <= high; n++) {
    at.push(Number((n * step).toPrecision(12)));
  }
  return at;
}

/** @param {Line} line @param {number | null} value */
const drawn = (line, value) => (line.rare && value === 0 ? null : value);

customElements.define('time-chart', TimeChart);
