import { sleep } from 'k6';
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { audit } from '../parts/audit.ts';
import { restartBroker, stopBroker } from '../parts/broker.ts';
import { live } from '../parts/life.ts';
import { promises } from '../parts/metrics.ts';
import { report, summaryTrendStats, type Summary } from '../parts/report.ts';

const QUIET_SECONDS = 15;
const OUTAGE_SECONDS = Number(__ENV['OUTAGE'] ?? 20);
const PATIENCE_SECONDS = 110;

/**
 * The broker is stopped during the run, and restarted. Changes must succeed meanwhile, and all of them must be in the
 * read model at the end.
 */
export const options: Options = {
  summaryTrendStats,
  scenarios: {
    lives: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV['RATE'] ?? 10), // employees a second, of five changes each
      timeUnit: '1s',
      duration: `${3 * QUIET_SECONDS + OUTAGE_SECONDS}s`,
      // Each iteration waits at its end until the outage is over.
      preAllocatedVUs: 10 * (OUTAGE_SECONDS + 2 * QUIET_SECONDS) * 2,
      gracefulStop: `${PATIENCE_SECONDS + 10}s`,
    },
    operator: {
      executor: 'per-vu-iterations',
      exec: 'breakBroker',
      startTime: `${QUIET_SECONDS}s`,
    },
  },
  thresholds: {
    ...promises,
    dropped_iterations: ['count==0'],
    'http_req_duration{name:write}': ['p(95)<500'],
  },
};

export default function (): void {
  live(`outage ${exec.scenario.iterationInTest}`, PATIENCE_SECONDS);
}

export function breakBroker(): void {
  stopBroker();
  console.log('the broker is stopped');
  sleep(OUTAGE_SECONDS);
  restartBroker();
  console.log('the broker is back');
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('outage', summary);
