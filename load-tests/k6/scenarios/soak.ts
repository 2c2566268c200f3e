import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { audit } from '../parts/audit.ts';
import { live } from '../parts/life.ts';
import { promises } from '../parts/metrics.ts';
import { report, summaryTrendStats, type Summary } from '../parts/report.ts';
import { warmUp } from '../parts/warm-up.ts';

/** A moderate rate for long: nothing may grow, and nothing may get slower. */
export const options: Options = {
  summaryTrendStats,
  scenarios: {
    warmUp,
    lives: {
      startTime: warmUp.duration,
      executor: 'constant-arrival-rate',
      rate: Number(__ENV['RATE'] ?? 15), // employees a second, of five changes each
      timeUnit: '1s',
      duration: __ENV['DURATION'] ?? '30m',
      preAllocatedVUs: 200,
      gracefulStop: '60s',
    },
  },
  thresholds: {
    ...promises,
    dropped_iterations: ['count==0'],
    'commit_to_read_model{scenario:lives}': ['p(50)<100', 'p(99)<1000'],
    'http_req_duration{scenario:lives,name:write}': ['p(95)<250'],
  },
};

export default function (): void {
  live(`soak ${exec.scenario.iterationInTest}`);
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('soak', summary);
