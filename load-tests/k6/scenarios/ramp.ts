import { sleep } from 'k6';
import exec from 'k6/execution';
import { Gauge } from 'k6/metrics';
import type { Options } from 'k6/options';
import { audit } from '../parts/audit.ts';
import { live } from '../parts/life.ts';
import { promises } from '../parts/metrics.ts';
import { report, summaryTrendStats, type Summary } from '../parts/report.ts';

const CHANGES = 5;
const STEP = Number(__ENV['STEP'] ?? 20);
const STEPS = 20;
const STEP_SECONDS = Number(__ENV['STEP_SECONDS'] ?? 10);

/** If the time from commit to read model exceeds this several times in a row, the system no longer keeps up. */
const TOO_LONG_MILLIS = 1000;
const IN_A_ROW = 3;

const keptUpWith = new Gauge('kept_up_with');

/**
 * Raises the rate until a change takes more than a second to the read model several times in a row, and reports the
 * highest rate before. Reaching the limit is not a failure, but lost, repeated or overtaken changes are.
 */
export const options: Options = {
  summaryTrendStats,
  scenarios: {
    lives: {
      executor: 'ramping-arrival-rate',
      startRate: STEP,
      timeUnit: '1s',
      preAllocatedVUs: 600,
      gracefulStop: '60s',
      stages: Array.from({ length: STEPS }, (_, step) => step + 1).flatMap((step) => [
        { target: step * STEP, duration: '0s' },
        { target: step * STEP, duration: `${STEP_SECONDS}s` },
      ]),
    },
    watcher: {
      executor: 'constant-vus',
      exec: 'watch',
      vus: 1,
      duration: `${STEPS * STEP_SECONDS}s`,
    },
  },
  thresholds: { ...promises, 'http_req_duration{name:write}': [] },
};

export default function (): void {
  live(`ramp ${exec.scenario.iterationInTest}`);
}

let slow = 0;
let fastInThisStep = 0;
let stepBefore = -1;

/** Measures the delay with one more employee at a time. */
export function watch(): void {
  const step = Math.floor(exec.instance.currentTestRunDuration / 1000 / STEP_SECONDS);
  if (step !== stepBefore) {
    if (fastInThisStep > 0 && slow === 0) {
      keptUpWith.add(step * STEP * CHANGES);
    }
    stepBefore = step;
    fastInThisStep = 0;
  }
  const took = live('watcher') ?? Infinity;
  slow = took > TOO_LONG_MILLIS ? slow + 1 : 0;
  fastInThisStep += slow === 0 ? 1 : 0;
  if (slow >= IN_A_ROW) {
    exec.test.abort(`the system no longer keeps up with ${(step + 1) * STEP * CHANGES} changes a second`);
  }
  sleep(0.5);
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('ramp', summary);
