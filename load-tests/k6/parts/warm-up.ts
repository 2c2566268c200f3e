import type { ConstantVUsScenario } from 'k6/options';

/** Fresh Java processes are slow at first, which says nothing of how they run for days. */
export const warmUp: ConstantVUsScenario & { duration: string } = {
  executor: 'constant-vus',
  vus: 4,
  duration: '15s',
  gracefulStop: '60s',
};
