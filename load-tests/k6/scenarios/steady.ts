import exec from 'k6/execution';
import { audit } from '../parts/audit.ts';
import { constantRate } from '../parts/constant-rate.ts';
import { live } from '../parts/life.ts';
import { report, type Summary } from '../parts/report.ts';

/** The same rate all the time, far below what the machine can do: how long does it take? */
export const options = constantRate(20, '60s');

export default function (): void {
  live(`steady ${exec.scenario.iterationInTest}`);
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('steady', summary);
