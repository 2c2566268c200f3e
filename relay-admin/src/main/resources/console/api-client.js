/** The relay answered that it did not do what was asked, and said why. */
export class Refused extends Error {
  /** @param {number} status @param {string} message */
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** True if the relay asks for a token first. */
  get locked() {
    return this.status === 401;
  }
}

/** Nothing came back: the relay is not there, or the way to it is cut. */
export class Silent extends Error {
  constructor() {
    super('The relay does not answer; nothing may have been done. Look again when it does.');
  }
}

const TOKEN = 'outbox-relay.token';
const PATIENCE_MILLIS = 15_000;

/**
 * The relay that served this page, as its API.
 *
 * Every answer is JSON; every failure is a {@link Refused} or a {@link Silent} with a message that is a
 * sentence to show. The token is kept for this tab only.
 */
class Relay {
  #base = new URL('api/v1/', document.baseURI);

  get hasToken() {
    return sessionStorage.getItem(TOKEN) !== null;
  }

  /** Tells whether the token is another one than before. */
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
   * @param {Record<string, string | number | boolean | null | undefined>} [query] what is empty is left out
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

/** Something between here and the relay may answer in its place. @param {string} text */
function parsed(text) {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

export const relay = new Relay();
