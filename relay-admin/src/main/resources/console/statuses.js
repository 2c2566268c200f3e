/** @import { IconName } from './icons.js' */

/** @type {Record<string, {word: string, tone: string, icon: IconName}>} */
const STATUSES = {
  published: { word: 'published', tone: 'good', icon: 'check' },
  waiting: { word: 'waiting', tone: 'info', icon: 'clock' },
  blocked: { word: 'blocked', tone: 'warn', icon: 'aside' },
  deferred: { word: 'deferred', tone: 'warn', icon: 'clock' },
  paused: { word: 'paused', tone: 'warn', icon: 'pause' },
  rejected: { word: 'rejected', tone: 'bad', icon: 'stop' },
  discarded: { word: 'discarded', tone: 'warn', icon: 'bin' },
  unknown: { word: 'unknown', tone: 'info', icon: 'silent' },
};

/** A word, a colour and a picture for each status of an event. @param {string} status */
export const statusLook = (status) => STATUSES[status] ?? { word: status, tone: 'info', icon: /** @type {IconName} */ ('dots') };

/** The statuses of events that are in the dead letters. */
export const DEAD_LETTERS = ['rejected', 'blocked', 'deferred', 'paused'];
