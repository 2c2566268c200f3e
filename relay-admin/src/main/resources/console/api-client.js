/** The relay refused the request; the message is the reason. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** True if the relay requires a token. */
  get locked() {
    return this.status === 401;
  }
}

/** No answer came: the relay is not running or cannot be reached. */
export class Silent extends Error {
  constructor() {
    super('The relay does not answer; the request may have had no effect. Check once it answers again.');
  }
}

const TOKEN = 'outbox-relay.token';
const PATIENCE_MILLIS = 15_000;

/**
 * The client of the API of the relay that served this page.
 *
 * Every answer is JSON. Every failure is a {@link Refused} or a {@link Silent}, with a sentence to show as its message.
 * The token is kept for this tab only.
 */
class Relay {
  #base = new URL('api/v1/', document.baseURI);

  get hasToken() {
    return sessionStorage.getItem(TOKEN) !== null;
  }

  /** The token; used only to notice that it has changed. */
  get tokenForComparison() {
    return sessionStorage.getItem(TOKEN) ?? '';
  }

  /** @param {string} token */
  set token(token) {
    sessionStorage.setItem(TOKEN, token);
  }

  forgetToken() {
    sessionStorage.removeItem(TOKEN);
  }

  /**
   * @param {string} path
   * @param {Record<string, string | number | boolean | null | undefined>} [query] parameters; empty ones are left out
   */
  get(path, query = {}) {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) {
      if (value !== '' && value !== null && value !== undefined) {
        url.searchParams.set(name, String(value));
      }
    }
    return this.#ask('GET', url);
  }

  /** @param {string} path @param {object} body */
  post(path, body) {
    return this.#ask('POST', new URL(path, this.#base), body);
  }

  /** @param {string} path @param {string} version @param {object} body */
  patch(path, version, body) {
    return this.#ask('PATCH', new URL(path, this.#base), body, { 'If-Match': `"${version}"` });
  }

  /** @param {string} path */
  remove(path) {
    return this.#ask('DELETE', new URL(path, this.#base));
  }

  /**
   * @param {string} method
   * @param {URL} url
   * @param {object} [body]
   * @param {Record<string, string>} [headers]
   */
  async #ask(method, url, body, headers = {}) {
    const token = sessionStorage.getItem(TOKEN);
    if (token !== null) {
      headers['Authorization'] = `Bearer ${token}`;
    }
    if (body) {
      headers['Content-Type'] = 'application/json';
    }
    let response;
    let text;
    try {
      response = await fetch(url, {
        method,
        headers,
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MILLIS),
      });
      text = await response.text();
    } catch {
      throw new Silent();
    }
    const answer = parsed(text);
    if (!response.ok) {
      throw new Refused(response.status, answer?.error ?? `The relay answered with ${response.status}.`);
    }
    return answer;
  }
}

/** A proxy may answer in place of the relay, with a text that is not JSON. @param {string} text */
function parsed(text) {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export const relay = new Relay();
