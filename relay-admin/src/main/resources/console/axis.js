// How values become heights: evenly, or by their order of magnitude, so that an outlier leaves the rest readable.

/** @typedef {'automatic' | 'linear' | 'logarithmic'} AxisChoice */

const KEY = 'outbox-relay.axis';
const CHOICES = /** @type {const} */ (['automatic', 'linear', 'logarithmic']);
/** If the highest value is so many times the middle one, the middle one is flat on an even axis. */
const OUTLIER = 20;

/** The choice of the person at this browser, for all charts. Events: `change`. */
class Axis extends EventTarget {
  choices = CHOICES;

  /** @returns {AxisChoice} */
  get choice() {
    return CHOICES.find((one) => one === localStorage.getItem(KEY)) ?? 'automatic';
  }

  set choice(choice) {
    localStorage.setItem(KEY, choice);
    this.dispatchEvent(new Event('change'));
  }

  /** True if these values are drawn by their order of magnitude. @param {number[]} values */
  isLogarithmic(values) {
    if (this.choice !== 'automatic') {
      return this.choice === 'logarithmic';
    }
    const some = values.filter((value) => value > 0).sort((one, other) => one - other);
    return some.length > 2 && some[some.length - 1] > OUTLIER * some[Math.floor(some.length / 2)];
  }
}

export const axis = new Axis();

/** The height of a value; 0 stays 0, and what is below the unit is nearly even. @param {number} value @param {number} unit */
export const height = (value, unit) => Math.log10(1 + value / unit);

/** The value at a height. @param {number} at @param {number} unit */
export const valueAt = (at, unit) => (10 ** at - 1) * unit;

/** @param {number} highest @param {number[]} marks that may be written beside the axis @param {number} most how many */
export function ticks(highest, marks, most) {
  const fitting = marks.filter((mark) => mark <= highest);
  const step = Math.max(1, Math.ceil(fitting.length / most));
  return [0, ...fitting.filter((_, index) => (fitting.length - 1 - index) % step === 0)];
}
