import { expect, test } from 'vitest';
import { stepStates } from './ask-progress';

test('a question that stops shows where it stopped', () => {
  expect(stepStates({ status: 'needs_input', node_id: null })).toEqual({
    queued: 'done',
    compiling: 'stopped',
    running: 'waiting',
    succeeded: 'waiting',
  });
  expect(stepStates({ status: 'failed', node_id: 'n' }).running).toBe('stopped');
  expect(stepStates({ status: 'cancelled', node_id: 'n' }).running).toBe('stopped');
  expect(stepStates({ status: 'running', node_id: 'n' }).running).toBe('now');
  expect(stepStates({ status: 'succeeded', node_id: 'n' }).succeeded).toBe('done');
});
