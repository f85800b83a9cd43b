import { expect, test } from 'vitest';
import { ApiProblem, storedProblem, toProblem } from './problem';

const problem = {
  type: 'about:blank',
  title: 'The mapping cannot be used',
  status: 422,
  detail: 'Choose a column for Heat pump.',
  code: 'invalid_mapping',
  errors: [{ field: 'mapping.choice_column', message: 'not in the file' }],
};

test('a problem document keeps its words and its fields', () => {
  const read = toProblem(problem, 422, 'req-1');
  expect(read).toBeInstanceOf(ApiProblem);
  expect(read).toMatchObject({ code: 'invalid_mapping', status: 422, request_id: 'req-1' });
  expect(read.retryable).toBe(false);
  expect(read.field('choice_column')).toBe('not in the file');
  expect(read.field('column')).toBeUndefined();
});

test('the request id of the document wins over the header', () => {
  expect(toProblem({ ...problem, request_id: 'inside' }, 422, 'header').request_id).toBe('inside');
});

test('an unreadable answer says what came and whether trying again can help', () => {
  expect(toProblem('<html>Bad gateway</html>', 502)).toMatchObject({
    code: 'http_502',
    retryable: true,
  });
  expect(toProblem('nope', 404)).toMatchObject({ code: 'http_404', retryable: false });
});

test('no connection is told apart from an error of the page', () => {
  expect(toProblem(new TypeError('Failed to fetch')).code).toBe('network_error');
  expect(toProblem(new TypeError('x is not a function')).code).toBe('client_error');
});

test('a problem stays the same object', () => {
  const read = toProblem(problem);
  expect(toProblem(read)).toBe(read);
});

test('a stored problem is read as far as it goes', () => {
  expect(storedProblem(null)).toBeNull();
  expect(storedProblem({ title: 'Failed', detail: 1 })).toEqual({
    title: 'Failed',
    detail: '',
    code: '',
  });
});
