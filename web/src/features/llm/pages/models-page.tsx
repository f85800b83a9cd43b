import { Button } from '@/ui/button';
import { complain } from '@/ui/complain';
import { Page } from '@/ui/page';
import { BudgetsPanel } from '../components/budgets-panel';
import { CallsPanel } from '../components/calls-panel';
import { PricesPanel } from '../components/prices-panel';
import { ProfilesPanel } from '../components/profiles-panel';
import { UsagePanel } from '../components/usage-panel';
import { type ExportFormat, useExportLLMCalls } from '../queries';

/** What the organization asks of language models: usage, profiles, budgets, prices, every call. */
export function ModelsPage() {
  return (
    <Page
      title="Models"
      lead="Every call to a language model stands here, with what it cost and for whom."
      actions={<Exports />}
    >
      <UsagePanel />
      <ProfilesPanel />
      <BudgetsPanel />
      <PricesPanel />
      <CallsPanel />
    </Page>
  );
}

const formats: readonly [ExportFormat, string][] = [
  ['csv', 'CSV'],
  ['json', 'JSON'],
  ['jsonl', 'JSON lines'],
];

function Exports() {
  const exporting = useExportLLMCalls();
  return (
    <fieldset className="flex gap-1">
      <legend className="sr-only">Export all calls</legend>
      {formats.map(([format, name]) => (
        <Button
          key={format}
          size="small"
          aria-label={`Export calls as ${name}`}
          disabled={exporting.isPending}
          onClick={() => exporting.mutate(format, { onError: complain })}
        >
          {name}
        </Button>
      ))}
    </fieldset>
  );
}
