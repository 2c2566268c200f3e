/** @import { DeadLetterDetail } from './types.js' */

/** Returns JSON with line breaks and indentation, and any other text unchanged. @param {string} text @param {DeadLetterDetail['payloadFormat']} format */
export function pretty(text, format) {
  if (format === 'base64') {
    return text;
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/**
 * The defect of a payload, as a sentence; empty if there is none.
 *
 * @param {string} text
 * @param {DeadLetterDetail['payloadFormat']} format
 */
export function mistake(text, format) {
  if (format === 'json') {
    return jsonMistake(text);
  }
  if (format === 'base64' && !/^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replace(/\s/g, ''))) {
    return 'This is not base64, in which bytes are written here.';
  }
  return '';
}

/** Returns the mistake with its line. Browsers describe the position in different ways. @param {string} text */
function jsonMistake(text) {
  try {
    JSON.parse(text);
    return '';
  } catch (failure) {
    const told = String(/** @type {Error} */ (failure).message);
    const position = Number(/position (\d+)/.exec(told)?.[1] ?? (/end of/.test(told) ? text.length : NaN));
    const line = Number.isNaN(position) ? '' : ` in line ${text.slice(0, position).split('\n').length}`;
    const what = told.replace(/^JSON\.parse: /, '').replace(/ (in JSON )?at position.*$/, '').replace(/, "[^]*$/, '');
    return `This is not JSON${line}: ${what}.`;
  }
}
