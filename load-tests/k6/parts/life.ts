import { check } from 'k6';
import type { RefinedResponse, ResponseType } from 'k6/http';
import { accepted, commitToReadModel, lost, overtaken, repeated, verified } from './metrics.ts';
import { add, move, moveStale, read, remove, type Employee, type Entry } from './service.ts';

const MOVES = 3;

/**
 * Adds one employee, moves it some times, and deletes it, one change after the other. Then checks that the directory
 * has each change once and in order.
 *
 * Returns the time in milliseconds until the directory had the last change; undefined if a change was not accepted or
 * did not get there.
 */
export function live(name: string, patienceSeconds = 60): number | undefined {
  let employee = changed(add(name), 201);
  for (let i = 1; i <= MOVES && employee; i++) {
    employee = changed(move(employee, `department ${i}`), 200);
  }
  if (!employee) {
    return undefined;
  }
  check(moveStale(employee, 'nowhere'), { 'a stale change is refused': (answer) => answer.status === 409 });
  const last = changed(remove(employee), 200);
  return last && verify(last, patienceSeconds);
}

function changed(answer: RefinedResponse<ResponseType | undefined>, status: number): Employee | undefined {
  if (!check(answer, { 'a change is accepted': (it) => it.status === status })) {
    return undefined;
  }
  accepted.add(1);
  return answer.json() as unknown as Employee;
}

function verify(last: Employee, patienceSeconds: number): number | undefined {
  const committed = Date.now();
  const answer = read(last.id, last.version, patienceSeconds);
  const took = Date.now() - committed;
  if (!check(answer, { 'the directory has it in time': (it) => it.status === 200 })) {
    return undefined;
  }
  commitToReadModel.add(took);
  compare((answer.json() as unknown as Entry).history, last.version);
  return took;
}

/** Counts the versions of a history, which must contain each version once, in ascending order. */
function compare(history: number[], versions: number): void {
  const seen = new Set<number>();
  let highest = 0;
  for (const version of history) {
    if (seen.has(version)) {
      repeated.add(1);
    } else if (version < highest) {
      overtaken.add(1);
    } else {
      verified.add(1);
    }
    seen.add(version);
    highest = Math.max(highest, version);
  }
  lost.add(versions - seen.size);
}
