import type { Budget } from '@/api/generated/types.gen';
import { dateTime, money } from '@/lib/format';
import { Panel } from '@/ui/panel';
import { Progress } from '@/ui/progress';
import { Resource } from '@/ui/resource';
import { Empty } from '@/ui/states';
import { useLLMBudgets } from '../queries';

/** What may be spent, what is, and what running calls hold. */
export function BudgetsPanel() {
  const budgets = useLLMBudgets();
  return (
    <Panel title="Budgets" caption="People are told at 50, 80, 95 and 100 % of a limit">
      <Resource query={budgets}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No budget">Calls are not limited by money.</Empty>
          ) : (
            <ul className="grid gap-4">
              {items.map((budget) => (
                <BudgetLine key={budget.id} budget={budget} />
              ))}
            </ul>
          )
        }
      </Resource>
    </Panel>
  );
}

function BudgetLine({ budget }: { budget: Budget }) {
  const limit = budget.raised_limit_usd ?? budget.limit_usd;
  const whose = [budget.scope, budget.scope_id].filter(Boolean).join(' ');
  return (
    <li className="grid gap-1">
      <p className="flex flex-wrap justify-between gap-x-4 text-control">
        <span>
          {whose}, per {budget.window === 'total' ? 'all time' : budget.window}
          {budget.active ? '' : ' (off)'}
        </span>
        <span className="font-mono">
          {money(budget.spent_usd)} of {money(limit)}
        </span>
      </p>
      <Progress value={Number(budget.spent_usd)} max={Number(limit)} label={`Spent of ${whose}`} />
      <p className="text-caption text-t3">
        {money(budget.reserved_usd)} held by running calls.{' '}
        {budget.resets_at ? `Starts anew ${dateTime(budget.resets_at)}.` : 'Never starts anew.'}
      </p>
    </li>
  );
}
