import { sleep } from 'k6';
import { lost, overtaken } from './metrics.ts';
import { agreement } from './service.ts';

const PATIENCE_SECONDS = 120;

/**
 * At the end all employees must agree with the directory. This also covers changes of iterations that were cut short,
 * and events that arrived again after their change was verified.
 */
export function audit(): void {
  let now = agreement();
  for (let second = 0; !now.agree && second < PATIENCE_SECONDS; second++) {
    if (now.repeatedOrOvertaken + now.skipped > 0) {
      break; // waiting cannot correct these
    }
    sleep(1);
    now = agreement();
  }
  lost.add(now.differing + now.skipped);
  overtaken.add(now.repeatedOrOvertaken);
  console.log(`both sides at the end: ${JSON.stringify(now)}`);
}
