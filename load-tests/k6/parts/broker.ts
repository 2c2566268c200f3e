import http from 'k6/http';

/** Stops and restarts the broker, through whoever has started it. */

const CONTROL = __ENV['CONTROL'];

export function stopBroker(): void {
  tell('/broker/stop');
}

export function restartBroker(): void {
  tell('/broker/restart');
}

function tell(path: string): void {
  if (!CONTROL) {
    throw new Error('CONTROL is not set: this scenario needs load-tests/run, which started the broker and may stop it');
  }
  const answer = http.post(CONTROL + path, null, { tags: { name: 'control' }, timeout: '120s' });
  if (answer.status !== 200) {
    throw new Error(`${path} was answered with ${answer.status}: ${answer.body}`);
  }
}
