import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { ApiProblem } from '@/lib/problem';
import { ErrorState } from './states';

const problem = (change: Partial<ConstructorParameters<typeof ApiProblem>[0]> = {}) =>
  new ApiProblem({
    type: 'about:blank',
    title: 'Not available right now',
    status: 503,
    detail: 'Try again in a moment.',
    code: 'unavailable',
    request_id: 'req-7',
    retryable: true,
    ...change,
  });

test('an error says what happened, what to do and which request it was', async () => {
  const retry = vi.fn();
  render(<ErrorState problem={problem()} onRetry={retry} />);
  expect(screen.getByRole('alert')).toHaveTextContent('Not available right now');
  expect(screen.getByRole('alert')).toHaveTextContent('Try again in a moment.');
  expect(screen.getByText('req-7')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Retry' }));
  expect(retry).toHaveBeenCalledOnce();
});

test('what cannot succeed offers no retry', () => {
  render(<ErrorState problem={problem({ retryable: false })} onRetry={() => undefined} />);
  expect(screen.queryByRole('button', { name: 'Retry' })).toBeNull();
});

test('a missing right is a page of its own and names who can help', () => {
  render(<ErrorState problem={problem({ status: 403, title: 'Not allowed' })} />);
  expect(screen.getByRole('heading', { name: 'Not allowed' })).toBeVisible();
  expect(screen.getByText(/owner or admin/)).toBeVisible();
});

test('text of the server stays text', () => {
  render(<ErrorState problem={problem({ detail: '<img src=x onerror=alert(1)>' })} />);
  expect(document.querySelector('img')).toBeNull();
  expect(screen.getByText('<img src=x onerror=alert(1)>')).toBeVisible();
});
