import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ColumnSummary, PopulationDetail } from '@/api/generated/types.gen';
import { MappingForm } from './mapping-form';

const send = vi.hoisted(() => vi.fn());
vi.mock('@/api/generated/sdk.gen', async (original) => ({
  ...(await original<object>()),
  populationsImportPopulation: send,
}));

const numeric = (name: string): ColumnSummary => ({
  name,
  type: 'number',
  missing: 0,
  distinct: 500,
  minimum: 1,
  maximum: 9,
  examples: ['1', '2'],
});

const population: PopulationDetail = {
  id: '01976f3e-0000-7000-8000-000000000001',
  name: 'heating',
  status: 'uploaded',
  file_name: 'heating.csv',
  size_bytes: 10,
  personas: null,
  digest: null,
  created_at: '2026-01-01T00:00:00Z',
  stage: null,
  problem: null,
  columns: [
    { ...numeric('chosen'), type: 'text', distinct: 2, examples: ['gas', 'pump'] },
    numeric('ic.gas'),
    numeric('ic.pump'),
    numeric('age'),
  ],
  preview: [],
  rows_estimated: 10,
  suggested_mapping: null,
  mapping: null,
};

function show() {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MappingForm population={population} />
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

beforeEach(() => {
  send.mockResolvedValue({ data: { ...population, status: 'importing' } });
});

test('an unfinished mapping says what is missing and sends nothing', async () => {
  const user = show();
  await user.click(screen.getByRole('button', { name: 'Import people' }));
  expect(screen.getByText(/what each person chose, or columns to keep/)).toBeVisible();
  expect(screen.getByRole('alert')).toHaveTextContent('One thing above still needs you');
  expect(send).not.toHaveBeenCalled();
});

function leave(): Event {
  const event = new Event('beforeunload', { cancelable: true });
  window.dispatchEvent(event);
  return event;
}

test('leaving warns of a mapping that was changed, and of no other', async () => {
  const user = show();
  expect(leave().defaultPrevented).toBe(false);
  await user.selectOptions(screen.getByLabelText('Choice column'), 'chosen');
  expect(leave().defaultPrevented).toBe(true);
});

test('a file without a suggestion can be mapped by hand and imported', async () => {
  const user = show();
  await user.selectOptions(screen.getByLabelText('Choice column'), 'chosen');
  await user.clear(screen.getByLabelText('Name of pump'));
  await user.type(screen.getByLabelText('Name of pump'), 'Heat pump');
  await user.click(screen.getByRole('button', { name: 'Add an attribute' }));
  const attribute = within(screen.getByRole('group', { name: /new attribute/i }));
  await user.type(attribute.getByLabelText('Attribute'), 'Installation cost');
  await user.selectOptions(screen.getByLabelText('gas', { exact: true }), 'ic.gas');
  // The pattern ic.* fills the other alternative.
  expect(screen.getByLabelText('Heat pump', { exact: true })).toHaveValue('ic.pump');
  await user.click(screen.getByLabelText('age'));
  await user.clear(screen.getByLabelText('How many'));
  await user.type(screen.getByLabelText('How many'), '20000');
  await user.click(screen.getByRole('button', { name: 'Import people' }));
  expect(send).toHaveBeenCalledOnce();
  expect(send.mock.calls[0]?.[0].body).toMatchObject({
    mapping: {
      choice_column: 'chosen',
      alternatives: [{ value: 'gas' }, { value: 'pump', label: 'Heat pump' }],
      families: [
        { name: 'installation_cost', columns: { gas: 'ic.gas', pump: 'ic.pump' }, unit: '1' },
      ],
      traits: ['age'],
    },
    synthesis: { personas: 20000, seed: 20 },
  });
});
