import { renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useRequestKey } from './request-key';

test('the same content keeps its key, changed content gets another', () => {
  const { result, rerender } = renderHook(() => useRequestKey());
  const first = result.current({ price: 2 });
  expect(first).toMatch(/^[0-9a-f]{32}$/);
  rerender();
  expect(result.current({ price: 2 })).toBe(first);
  const second = result.current({ price: 3 });
  expect(second).not.toBe(first);
  expect(result.current({ price: 3 })).toBe(second);
});

test('every form has a key of its own', () => {
  const { result } = renderHook(() => [useRequestKey(), useRequestKey()] as const);
  expect(result.current[0]({})).not.toBe(result.current[1]({}));
});
