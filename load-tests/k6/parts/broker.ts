import http from 'k6/http';

/** Stops and restarts the broker, by requests to the process that started it. */

const CONTROL = __ENV['CONTROL'];

export function stopBroker(): void {
  tell('/broker/stop');
}

export function restartBroker(): void {
  tell('/broker/restart');
}

function tell(path: string): void {
  if (!CONTROL) {
    throw new Error('CONTROL is not set: start this scenario with load-tests/run, which starts a broker that it can stop');
  }
  const answer = http.post(CONTROL + path, null, { tags: { name: 'control' }, timeout: '120s' });
  if (answer.status !== 200) {
    throw new Error(`${path} was answered with ${answer.status}: ${answer.body}`);
  }
}
