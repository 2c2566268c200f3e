import exec from 'k6/execution';
import { audit } from '../parts/audit.ts';
import { constantRate } from '../parts/constant-rate.ts';
import { live } from '../parts/life.ts';
import { report, type Summary } from '../parts/report.ts';

/** A moderate rate for a long time, to show if delays grow. */
export const options = constantRate(15, '30m');

export default function (): void {
  live(`soak ${exec.scenario.iterationInTest}`);
}

export const teardown = audit;

export const handleSummary = (summary: Summary) => report('soak', summary);
