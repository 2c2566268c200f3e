import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { audit } from '../parts/audit.ts';
import { live } from '../parts/life.ts';
import { promises } from '../parts/metrics.ts';
import { report, summaryTrendStats, type Summary } from '../parts/report.ts';

/** A few employees without load, to check that everything works together. */
export const options: Options = {
  summaryTrendStats,
  scenarios: {
    lives: {
      executor: 'shared-iterations',
      vus: 4,
      iterations: 100,
      maxDuration: '60s',
    },
  },
  thresholds: {
    ...promises,
    'http_req_duration{name:write}': [],
  },
};

export default function (): void {
  live(`smoke ${exec.scenario.iterationInTest}`);
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('smoke', summary);
