import { html, nothing } from './lib/lit-html/lit-html.js';
import { many } from './format.js';

/** @typedef {{name: string, before: string | null, after: string | null}} Difference */

/** The most lines of a change that are shown, because a payload may have a megabyte. */
const MOST_LINES = 40;

/** Returns the differing lines of both texts, without the lines that both begin or end with. @param {string} before @param {string} after */
export function middle(before, after) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let from = 0;
  while (from < old.length && from < now.length && old[from] === now[from]) {
    from++;
  }
  let end = 0;
  while (end < old.length - from && end < now.length - from && old[old.length - 1 - end] === now[now.length - 1 - end]) {
    end++;
  }
  return { before: old.slice(from, old.length - end), after: now.slice(from, now.length - end) };
}

/** @param {string[]} lines */
const shortened = (lines) =>
  lines.length <= MOST_LINES ? lines.join('\n') : `${lines.slice(0, MOST_LINES).join('\n')}\n… ${many(lines.length - MOST_LINES, 'more line')}`;

/** Shows the changes of an edit: before and after. @param {Difference[]} differences */
export function differencesView(differences) {
  if (differences.length === 0) {
    return html`<p class="muted">Nothing is changed yet.</p>`;
  }
  return html`<section class="differences" aria-label="Changes">
    <h3>${many(differences.length, 'change')}</h3>
    ${differences.map(({ name, before, after }) => {
      const lines = middle(before ?? '', after ?? '');
      return html`<div class="difference">
        <span>${name}</span>
        <div>
          ${before === null ? nothing : html`<del class="mono">${shortened(lines.before)}</del>`}
          ${after === null ? nothing : html`<ins class="mono">${shortened(lines.after)}</ins>`}
        </div>
      </div>`;
    })}
  </section>`;
}
