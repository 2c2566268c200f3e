import type { ConstantVUsScenario } from 'k6/options';

/** A load before the measurement, because Java processes are slow at first, unlike in operation for days. */
export const warmUp: ConstantVUsScenario & { duration: string } = {
  executor: 'constant-vus',
  vus: 4,
  duration: '15s',
  gracefulStop: '60s',
};
