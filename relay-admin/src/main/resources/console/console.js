import { html, nothing } from './lib/lit-html/lit-html.js';
import { icon } from './icons.js';
import { keys } from './shortcuts.js';
import { me } from './caller.js';
import { parked } from './blockage.js';
import { ViewElement } from './view-element.js';
import { pauseDialog } from './pauses.js';
import { place } from './page-address.js';
import { relay } from './api-client.js';
import { theme } from './theme.js';
import { toasts } from './toasts.js';
import { isView, VIEWS } from './views.js';
import { watch } from './status-poller.js';
import { asSentence, count, duration, time } from './format.js';
import './audit.js';
import './event.js';
import './events.js';
import './event-search.js';
import './dead-letters.js';
import './token-prompt.js';
import './overview.js';
import './parked.js';
import './replays.js';
import './settings.js';
import './status-banner.js';

/** @type {Record<ViewName, unknown>} */
const PARTS = {
  overview: html`<view-overview></view-overview>`,
  parked: html`<view-parked></view-parked>`,
  'dead-letters': html`<view-dead-letters></view-dead-letters>`,
  events: html`<view-events></view-events>`,
  find: html`<view-find></view-find>`,
  replay: html`<view-replays></view-replays>`,
  audit: html`<view-audit></view-audit>`,
  settings: html`<view-settings></view-settings>`,
};

const THEMES = /** @type {const} */ ({ system: 'halves', light: 'sun', dark: 'moon' });

/** @import { ViewName } from './views.js' */

/** The page: the status at the top, one view below it, and the controls that all views share. */
class Console extends ViewElement {
  /** @type {Element | null} */
  #here = null;

  begin() {
    this.follow(watch, 'change');
    this.follow(watch, 'again', (event) => toasts.tellToStay(event.detail));
    this.follow(place, 'change', () => this.#arrive());
    this.follow(theme, 'change');
    this.follow(me, 'change');
    watch.begin();
  }

  #arrive() {
    this.update();
    scrollTo({ top: 0 });
  }

  /** Scrolls to the tab of the current view, because not all tabs fit on a small screen. */
  drawn() {
    const here = this.querySelector('nav.views [aria-current=page]');
    if (here && here !== this.#here) {
      here.scrollIntoView({ block: 'nearest', inline: 'center' });
      this.#here = here;
    }
  }

  get #view() {
    return isView(place.view) ? place.view : 'overview';
  }

  view() {
    const locked = watch.state === 'locked';
    return html`
      <a class="skip" href="#main" @click=${(/** @type {Event} */ e) => this.#skip(e)}>To the content</a>
      <header class="top">
        <a class="brand" href="#/overview"><img src="icon.svg" alt="" width="26" height="26" /> <b>outbox-relay</b></a>
        ${locked ? nothing : this.#nav()}
        <div class="tools">
          ${this.#connection()}
          ${me.isReadOnly && !locked ? html`<span class="tag info" title="The token of ${me.name} may look, and change nothing">read-only</span>` : nothing}
          ${locked ? nothing : html`<button class="changes" aria-label="Pause…" @click=${() => pauseDialog.open()}>${icon('pause')} <span class="wide-only">Pause…</span></button>`}
          <button class="quiet" @click=${() => theme.next()} aria-label="Colours: ${theme.choice}" title="Colours: ${theme.choice}">${icon(THEMES[theme.choice])}</button>
          <button class="quiet" @click=${() => keys.open()} aria-label="Keys" title="Keys">?</button>
          ${relay.hasToken && !locked ? html`<button class="quiet" aria-label="Log out" title="Forget the token" @click=${() => this.#leave()}>${icon('leave')} <span class="wide-only">Log out</span></button>` : nothing}
        </div>
      </header>
      ${this.#trouble()}
      <main id="main" tabindex="-1" data-view=${this.#view} class=${watch.state === 'lost' ? 'stale' : ''}>
        ${locked
          ? html`<relay-lock></relay-lock>`
          : html`<relay-status></relay-status><relay-pauses></relay-pauses>${PARTS[this.#view]}`}
      </main>
    `;
  }

  #nav() {
    const { status } = watch;
    const counts = /** @type {Record<string, number>} */ (status ? { parked: parked(status), 'dead-letters': status.backlog.rejected } : {});
    return html`<nav class="views" aria-label="Views">
      ${Object.entries(VIEWS).map(
        ([name, label]) => html`<a href="#/${name}" aria-current=${this.#view === name ? 'page' : 'false'}
          >${label}${counts[name] ? html` <span class="badge">${count(counts[name])}${status?.deadLetters.isLowerBound ? '+' : ''}</span>` : nothing}</a
        >`,
      )}
    </nav>`;
  }

  #connection() {
    const words = { asking: 'asking', seeing: 'live', lost: 'no answer', troubled: 'in trouble', locked: 'locked' };
    return html`<span class="connection ${watch.state}" role="status"><i></i>${words[watch.state]}</span>`;
  }

  #trouble() {
    if (watch.state === 'lost') {
      const seen = watch.seenAt > 0;
      return html`<div class="banner bad" role="alert">
        ${icon('silent')}
        ${seen
          ? `The relay has not answered for ${duration((Date.now() - watch.seenAt) / 1000)}. This page asks again every 2 s.`
          : 'The relay does not answer. This page asks again every 2 s.'}
      </div>`;
    }
    if (watch.state === 'troubled') {
      return html`<div class="banner warn" role="alert">
        ${icon('stop')} ${asSentence(watch.trouble)} ${watch.seenAt > 0 ? `The data below is from ${time(new Date(watch.seenAt).toISOString())}.` : ''}
      </div>`;
    }
    return nothing;
  }

  #leave() {
    relay.forgetToken();
    watch.soon();
  }

  /** @param {Event} event */
  #skip(event) {
    event.preventDefault();
    /** @type {HTMLElement} */ (this.querySelector('main')).focus();
  }
}

customElements.define('relay-console', Console);
