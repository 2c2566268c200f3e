import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { audit } from '../parts/audit.ts';
import { live } from '../parts/life.ts';
import { promises } from '../parts/metrics.ts';
import { report, summaryTrendStats, type Summary } from '../parts/report.ts';

/** A low rate, then a high rate for ten seconds, then a low rate again, in which the delay must become normal. */
export const options: Options = {
  summaryTrendStats,
  scenarios: {
    lives: {
      executor: 'ramping-arrival-rate',
      startRate: 5,
      timeUnit: '1s',
      preAllocatedVUs: 300,
      gracefulStop: '60s',
      stages: [
        { target: 5, duration: '15s' },
        { target: Number(__ENV['RATE'] ?? 150), duration: '2s' }, // employees a second, of five changes each
        { target: Number(__ENV['RATE'] ?? 150), duration: '10s' },
        { target: 5, duration: '2s' },
        { target: 5, duration: '20s' },
      ],
    },
  },
  thresholds: {
    ...promises,
    'http_req_duration{name:write}': [],
  },
};

export default function (): void {
  live(`spike ${exec.scenario.iterationInTest}`);
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('spike', summary);
