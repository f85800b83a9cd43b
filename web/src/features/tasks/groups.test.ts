import { taskOf } from '@tests/factories/tasks';
import { expect, test } from 'vitest';
import type { Task } from '@/api/generated/types.gen';
import { endOf, inGroups, kindName, progressWords, shareDone, type TaskGroup } from './groups';

const plain = (text: string) => text.replaceAll(/[\u00a0\u202f]/g, ' ');
const group = (...changes: Partial<Task>[]): TaskGroup => {
  const [first = {}, ...others] = changes;
  return [taskOf('a', first), ...others.map((change, index) => taskOf(`b${index}`, change))];
};

test('tasks of one result stand together, in the order of the list', () => {
  const tasks = [
    taskOf('a', { group_id: 'one' }),
    taskOf('b', { group_id: 'two' }),
    taskOf('c', { group_id: 'one' }),
  ];
  expect(inGroups(tasks).map((of) => of.map(({ id }) => id))).toEqual([['a', 'c'], ['b']]);
});

test('a group is as far as all of its work together; unknown where one of it is', () => {
  const half = { done: 18, total: 36, label: '' };
  expect(shareDone(group({ progress: half }, { progress: { ...half, done: 0 } }))).toBe(0.25);
  expect(shareDone(group({ progress: half }, { progress: { ...half, total: null } }))).toBeNull();
  expect(shareDone(group({ progress: { ...half, total: 0 } }))).toBeNull();
});

test('how far it is, in words', () => {
  expect(plain(progressWords(group({})))).toBe('25 %');
  const label = 'estimating';
  expect(plain(progressWords(group({ progress: { done: 2, total: 4, label } })))).toBe(
    'estimating, 50 %',
  );
  expect(progressWords(group({ progress: { done: 12, total: null, label: '' } }))).toBe('12 done');
  expect(
    progressWords(group({ kind: 'plan', progress: { done: 12, total: null, label: '' } })),
  ).toBe('12 paths explored');
  expect(progressWords(group({ progress: { done: 0, total: null, label: '' } }))).toBe('under way');
  expect(progressWords(group({ status: 'queued' }))).toBe('waiting for its turn');
  expect(progressWords(group({}, { cancel_requested: true }))).toBe('stopping');
});

test('a group ended as its worst part did', () => {
  expect(endOf(group({ status: 'succeeded' }, { status: 'succeeded' }))).toBe('succeeded');
  expect(endOf(group({ status: 'succeeded' }, { status: 'cancelled' }))).toBe('cancelled');
  expect(endOf(group({ status: 'cancelled' }, { status: 'failed' }))).toBe('failed');
});

test('a kind that is not known yet keeps its own name', () => {
  expect(kindName({ kind: 'import' })).toBe('Import');
  expect(kindName({ kind: 'survey' })).toBe('survey');
});
