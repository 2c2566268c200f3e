import exec from 'k6/execution';
import { audit } from '../parts/audit.ts';
import { constantRate } from '../parts/constant-rate.ts';
import { live } from '../parts/life.ts';
import { report, type Summary } from '../parts/report.ts';

/** Measures the delay at a constant rate, far below the limit of the machine. */
export const options = constantRate(20, '60s');

export default function (): void {
  live(`steady ${exec.scenario.iterationInTest}`);
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('steady', summary);
