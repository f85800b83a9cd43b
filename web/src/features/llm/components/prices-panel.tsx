import type { AvailableModel } from '@/api/generated/types.gen';
import { count, money } from '@/lib/format';
import { type Column, DataTable } from '@/ui/data-table';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { Empty } from '@/ui/states';
import { useAvailableLLMModels } from '../queries';

/** What may be asked now, and what a million tokens cost. */
export function PricesPanel() {
  const models = useAvailableLLMModels();
  return (
    <Panel title="Models and prices" caption="In USD for a million tokens" flush>
      <Resource query={models}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No model is configured">
              Whoever runs this installation names one, or tries a small one with “agentverse llm
              try”.
            </Empty>
          ) : (
            <DataTable
              caption="Models and prices"
              columns={columns}
              rows={items}
              rowKey={({ name }) => name}
            />
          )
        }
      </Resource>
    </Panel>
  );
}

function rate({ free, priced, rates }: AvailableModel, unit: string): string {
  if (!priced) return 'no price';
  if (free) return 'free';
  const found = rates.find((one) => one.unit === unit && one.above_input_tokens === 0);
  return money(found?.usd_per_million);
}

const columns: Column<AvailableModel>[] = [
  { key: 'name', header: 'Model', cell: ({ name }) => <code className="font-mono">{name}</code> },
  { key: 'input', header: 'Input', numeric: true, cell: (model) => rate(model, 'input') },
  { key: 'output', header: 'Output', numeric: true, cell: (model) => rate(model, 'output') },
  { key: 'window', header: 'Reads', numeric: true, cell: (model) => count(model.context_window) },
  {
    key: 'answer',
    header: 'Answers',
    numeric: true,
    cell: (model) => count(model.max_output_tokens),
  },
];
