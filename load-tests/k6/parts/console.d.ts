/** The part of a browser's console that k6 has. */
declare const console: { log(message: string): void };
