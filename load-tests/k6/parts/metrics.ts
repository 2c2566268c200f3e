import { Counter, Trend } from 'k6/metrics';

/** The time from the answer to an employee's last change to the answer of a read that waited for it. */
export const commitToReadModel = new Trend('commit_to_read_model', true);

/** Changes that the service answered with success. */
export const accepted = new Counter('accepted');

/** Changes that were found in the directory once and in order. */
export const verified = new Counter('verified');

/** Accepted changes that are not in the directory, that are there twice, and that are there after a later one. */
export const lost = new Counter('lost');
export const repeated = new Counter('repeated');
export const overtaken = new Counter('overtaken');

/** The thresholds of every run. */
export const promises = {
  lost: ['count==0'],
  repeated: ['count==0'],
  overtaken: ['count==0'],
  verified: ['count>0'],
  // Counts requests that failed although they were correct. An expected 409 is not a failure.
  http_req_failed: ['rate==0'],
  checks: ['rate==1'],
};
