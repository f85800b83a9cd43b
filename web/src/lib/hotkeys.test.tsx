import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { switchSingleKeys, useSingleKey } from './hotkeys';

function Page({ act }: { act: () => void }) {
  useSingleKey('/', act);
  return <input aria-label="field" />;
}

afterEach(() => switchSingleKeys(true));

test('a key acts on the page, not inside a field, not with a modifier', async () => {
  const act = vi.fn();
  render(<Page act={act} />);
  await userEvent.keyboard('/');
  expect(act).toHaveBeenCalledTimes(1);
  await userEvent.keyboard('{Control>}/{/Control}');
  expect(act).toHaveBeenCalledTimes(1);
  await userEvent.type(screen.getByLabelText('field'), 'a/b');
  expect(act).toHaveBeenCalledTimes(1);
  expect(screen.getByLabelText('field')).toHaveValue('a/b');
});

test('single keys can be switched off, and stay off', async () => {
  const act = vi.fn();
  render(<Page act={act} />);
  switchSingleKeys(false);
  await userEvent.keyboard('/');
  expect(act).not.toHaveBeenCalled();
  expect(localStorage.getItem('single-keys')).toBe('off');
});
