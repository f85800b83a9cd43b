/** RFC 9457 problem as the server writes it. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id?: string | null;
  retryable?: boolean;
  errors?: ReadonlyArray<{ field: string; message: string }>;
}

/** The one error the interface knows: what happened, what to do, which request it was. */
export class ApiProblem extends Error implements Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly request_id: string | null;
  readonly retryable: boolean;
  readonly errors: ReadonlyArray<{ field: string; message: string }>;

  constructor(problem: Problem) {
    super(`${problem.title}: ${problem.detail}`);
    this.name = 'ApiProblem';
    this.type = problem.type;
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail;
    this.code = problem.code;
    this.request_id = problem.request_id ?? null;
    this.retryable = problem.retryable ?? false;
    this.errors = problem.errors ?? [];
  }

  /** What the server says about one field, matched by the last part of its path. */
  field(name: string): string | undefined {
    return this.errors.find((e) => e.field === name || e.field.endsWith(`.${name}`))?.message;
  }
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const candidate = value as Record<string, unknown>;
  return (
    typeof candidate.title === 'string' &&
    typeof candidate.detail === 'string' &&
    typeof candidate.code === 'string'
  );
}

const OFFLINE: Problem = {
  type: 'about:blank',
  title: 'The server cannot be reached',
  status: 0,
  detail: 'Check that AgentVerse is running and that you are online, then try again.',
  code: 'network_error',
  retryable: true,
};

const BROKEN: Problem = {
  type: 'about:blank',
  title: 'This page ran into an error',
  status: 0,
  detail: 'Reload the page. If it happens again, report what you did just before.',
  code: 'client_error',
  retryable: true,
};

/** Any thrown value as a problem; `status` and `requestId` come from the response, if there was one. */
export function toProblem(error: unknown, status?: number, requestId?: string | null): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (isProblem(error)) {
    const named = { ...error, status: error.status ?? status ?? 0 };
    return new ApiProblem({ ...named, request_id: error.request_id ?? requestId ?? null });
  }
  if (status !== undefined) return new ApiProblem(unexpectedAnswer(status, requestId));
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return new ApiProblem(OFFLINE);
  }
  return new ApiProblem(BROKEN);
}

function unexpectedAnswer(status: number, requestId?: string | null): Problem {
  return {
    type: 'about:blank',
    title: `The server answered ${status}`,
    status,
    detail:
      status >= 500
        ? 'Something between you and AgentVerse failed. Try again in a moment.'
        : 'The answer was not one AgentVerse gives. Check the address of the server.',
    code: `http_${status}`,
    request_id: requestId ?? null,
    retryable: status >= 500,
  };
}

/** Text of a problem stored with a piece of work, whose shape the contract leaves open. */
export function storedProblem(problem: { [key: string]: unknown } | null | undefined) {
  if (!problem) return null;
  const read = (key: string) => (typeof problem[key] === 'string' ? problem[key] : '');
  const title = read('title') || 'This did not work';
  return { title, detail: read('detail'), code: read('code') };
}
