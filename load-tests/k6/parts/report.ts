/** The argument of handleSummary, for which k6 has no type. */
interface Metric {
  values: Record<string, number>;
  thresholds?: Record<string, { ok: boolean }>;
}
export interface Summary {
  metrics: Record<string, Metric>;
  state: { testRunDurationMs: number };
}

/** The figures of each trend in the summary. */
export const summaryTrendStats = ['min', 'med', 'avg', 'p(90)', 'p(95)', 'p(99)', 'max', 'count'];

/** Returns some lines for the terminal, and a file with all figures and the verdict as JSON. */
export function report(scenario: string, summary: Summary): Record<string, string> {
  const broken = brokenThresholds(summary);
  const verdict = broken.length === 0 ? 'passed' : 'failed';
  const file = `${__ENV['REPORT'] ?? '.'}/summary.json`;
  const circumstances = {
    scenario,
    broker: __ENV['BROKER'] ?? 'unknown',
    rate: __ENV['RATE_SAID'] ?? 'unknown',
    machine: __ENV['MACHINE'] ?? 'unknown',
  };
  return {
    stdout: `${lines(scenario, summary, broken).join('\n')}\n`,
    [file]: `${JSON.stringify({ ...circumstances, verdict, broken, ...summary }, null, 2)}\n`,
  };
}

function brokenThresholds(summary: Summary): string[] {
  return Object.entries(summary.metrics).flatMap(([name, metric]) =>
    Object.entries(metric.thresholds ?? {})
      .filter(([, threshold]) => !threshold.ok)
      .map(([threshold]) => `${name}: ${threshold}`),
  );
}

function lines(scenario: string, summary: Summary, broken: string[]): string[] {
  // If there was a warm-up, the figures are those after it.
  const measured = (metric: string) =>
    summary.metrics[metric.replace('{', '{scenario:lives,')] ??
    summary.metrics[`${metric}{scenario:lives}`] ??
    summary.metrics[metric];
  const value = (metric: string, name: string) => measured(metric)?.values[name] ?? 0;
  const millis = (metric: string, name: string) => `${value(metric, name).toFixed(1)} ms`;
  const seconds = summary.state.testRunDurationMs / 1000;
  const found = [
    '',
    `${scenario}: ${broken.length === 0 ? 'PASSED' : 'FAILED'} after ${seconds.toFixed(0)} s`,
    `  changes accepted     ${value('accepted', 'count')} (${(value('accepted', 'count') / seconds).toFixed(0)}/s)`,
    `  verified in order    ${value('verified', 'count')}`,
    `  lost, repeated, overtaken  ${['lost', 'repeated', 'overtaken'].map((name) => value(name, 'count')).join(', ')}`,
    `  commit to read model p50 ${millis('commit_to_read_model', 'med')}, p95 ${millis('commit_to_read_model', 'p(95)')},` +
      ` p99 ${millis('commit_to_read_model', 'p(99)')}, max ${millis('commit_to_read_model', 'max')}`,
    `  a change takes       p50 ${millis('http_req_duration{name:write}', 'med')}, p95 ${millis('http_req_duration{name:write}', 'p(95)')}`,
  ];
  if (summary.metrics['kept_up_with']) {
    found.push(`  kept up with         ${value('kept_up_with', 'value').toFixed(0)} changes a second`);
  }
  return [...found, ...broken.map((threshold) => `  broken               ${threshold}`)];
}
