// The scale of the vertical axis: linear or logarithmic. A logarithmic one keeps small values readable beside an
// outlier.

/** @typedef {'automatic' | 'linear' | 'logarithmic'} AxisChoice */

const KEY = 'outbox-relay.axis';
const CHOICES = /** @type {const} */ (['automatic', 'linear', 'logarithmic']);
/** If the highest value is more than so many times the median, the axis is logarithmic by default. */
const OUTLIER = 20;

/** The operator's choice for all charts, kept in this browser. Events: `change`. */
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

  /** True if these values are drawn on a logarithmic axis. @param {number[]} values */
  isLogarithmic(values) {
    if (this.choice !== 'automatic') {
      return this.choice === 'logarithmic';
    }
    const some = values.filter((value) => value > 0).sort((one, other) => one - other);
    return some.length > 2 && some[some.length - 1] > OUTLIER * some[Math.floor(some.length / 2)];
  }
}

export const axis = new Axis();

/** The height of a value on a logarithmic axis. 0 stays 0, and values below the unit are nearly linear. @param {number} value @param {number} unit */
export const height = (value, unit) => Math.log10(1 + value / unit);

/** The value at a height of a logarithmic axis. @param {number} at @param {number} unit */
export const valueAt = (at, unit) => (10 ** at - 1) * unit;

/** @param {number} highest @param {number[]} marks the values that may label the axis @param {number} most the most labels */
export function ticks(highest, marks, most) {
  const fitting = marks.filter((mark) => mark <= highest);
  const step = Math.max(1, Math.ceil(fitting.length / most));
  return [0, ...fitting.filter((_, index) => (fitting.length - 1 - index) % step === 0)];
}
