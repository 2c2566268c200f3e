import { sleep } from 'k6';
import { lost, overtaken } from './metrics.ts';
import { agreement } from './service.ts';

const PATIENCE_SECONDS = 120;

/**
 * In the end both sides have to agree as a whole: also what runs that were cut short have written,
 * and what would have come again after it was verified.
 */
export function audit(): void {
  let now = agreement();
  for (let second = 0; !now.agree && second < PATIENCE_SECONDS; second++) {
    if (now.repeatedOrOvertaken + now.skipped > 0) {
      break; // neither goes away
    }
    sleep(1);
    now = agreement();
  }
  lost.add(now.differing + now.skipped);
  overtaken.add(now.repeatedOrOvertaken);
  console.log(`both sides at the end: ${JSON.stringify(now)}`);
}
