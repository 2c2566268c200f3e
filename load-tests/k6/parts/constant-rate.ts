import type { Options } from 'k6/options';
import { promises } from './metrics.ts';
import { summaryTrendStats } from './report.ts';
import { warmUp } from './warm-up.ts';

/**
 * A warm-up, then a constant rate of employees with five changes each, far below the limit of the machine. RATE and
 * DURATION in the environment override the arguments.
 */
export const constantRate = (rate: number, duration: string): Options => ({
  summaryTrendStats,
  scenarios: {
    warmUp,
    lives: {
      startTime: warmUp.duration,
      executor: 'constant-arrival-rate',
      rate: Number(__ENV['RATE'] ?? rate),
      timeUnit: '1s',
      duration: __ENV['DURATION'] ?? duration,
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
});
