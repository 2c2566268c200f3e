import { nothing, render } from './lib/lit-html/lit-html.js';

/**
 * An element of the page; {@link view} returns its content.
 *
 * {@link update} requests drawing; several requests in a row draw once.
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

  /** Called when the element is added to the page, before it is drawn. */
  begin() {}

  /**
   * Listens to events as long as the element is on the page; by default every event draws it again.
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
   * Repeats an action as long as the element is on the page.
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

  /** Called when the content has been drawn. */
  drawn() {}
}
