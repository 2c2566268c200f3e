import http, { type RefinedResponse, type ResponseType } from 'k6/http';

/** Requests to the employee service. */

const SERVICE = __ENV['EMPLOYEES'] ?? 'http://127.0.0.1:8080';

export interface Employee {
  id: string;
  version: number;
  name: string;
  department: string;
}

export interface Entry extends Employee {
  gone: boolean;
  /** Every version that the consumer has handled, in that order. */
  history: number[];
}

export interface Agreement {
  agree: boolean;
  employees: number;
  differing: number;
  events: number;
  repeatedOrOvertaken: number;
  skipped: number;
}

type Answer = RefinedResponse<ResponseType | undefined>;

// One name for the requests of all ids, because k6 would otherwise create a metric for each URL.
const writing = { tags: { name: 'write' }, timeout: '60s' };

export function add(name: string): Answer {
  return http.post(`${SERVICE}/employees`, JSON.stringify({ name, department: 'new' }), writing);
}

/** Changes the department of the employee, if it still has this version. */
export function move(employee: Employee, department: string): Answer {
  const body = JSON.stringify({ ...employee, department });
  return http.put(`${SERVICE}/employees/${employee.id}`, body, writing);
}

/** Sends the request with an older version, which must be refused with 409. */
export function moveStale(employee: Employee, department: string): Answer {
  const body = JSON.stringify({ ...employee, version: employee.version - 1, department });
  return http.put(`${SERVICE}/employees/${employee.id}`, body, {
    ...writing,
    responseCallback: http.expectedStatuses(409),
  });
}

export function remove(employee: Employee): Answer {
  const path = `/employees/${employee.id}?version=${employee.version}`;
  return http.del(SERVICE + path, null, writing);
}

/** Reads the directory's entry; the answer comes once the entry has this version. */
export function read(id: string, version: number, patienceSeconds: number): Answer {
  const path = `/directory/${id}?version=${version}&patience=${patienceSeconds * 1000}`;
  return http.get(SERVICE + path, { tags: { name: 'read' }, timeout: `${patienceSeconds + 30}s` });
}

/** Compares all employees with the whole directory. */
export function agreement(): Agreement {
  const answer = http.get(`${SERVICE}/agreement`, { tags: { name: 'agreement' }, timeout: '60s' });
  return answer.json() as unknown as Agreement;
}
