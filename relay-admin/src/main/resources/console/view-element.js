import { nothing, render } from './lib/lit-html/lit-html.js';

/**
 * A piece of the page that draws itself: an element with the content that {@link view} returns.
 *
 * Drawing is asked for with {@link update}, and happens once however often it was asked for.
 */
export class ViewElement extends HTMLElement {
  #due = false;
  /** @type {(() => void)[]} */
  #ends = [];

  connectedCallback() {
    this.begin();
    this.update();
  }

  disconnectedCallback() {
    this.#ends.forEach((end) => end());
    this.#ends = [];
  }

  /** Called when the part comes onto the page, before it is drawn. */
  begin() {}

  /**
   * Listens as long as the part is on the page; draws again on every event unless told otherwise.
   *
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} [action]
   */
  follow(target, type, action = () => this.update()) {
    target.addEventListener(type, action);
    this.#ends.push(() => target.removeEventListener(type, action));
  }

  /**
   * Does something now and then as long as the part is on the page.
   *
   * @param {number} millis
   * @param {() => void} action
   */
  every(millis, action) {
    const timer = setInterval(action, millis);
    this.#ends.push(() => clearInterval(timer));
  }

  update() {
    if (this.#due) {
      return;
    }
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      if (this.isConnected) {
        render(this.view(), this);
        this.drawn();
      }
    });
  }

  /** @returns {unknown} what lit-html renders */
  view() {
    return nothing;
  }

  /** Called when what was asked for is on the page. */
  drawn() {}
}
