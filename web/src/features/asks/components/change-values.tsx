import type { ChangeValues, VariableRegistry } from '@/api/generated/types.gen';
import { counted, inUnit, moment } from '@/lib/format';
import { Disclosure } from '@/ui/disclosure';

interface ChangeValuesLineProps {
  values: ChangeValues;
  variable: VariableRegistry['variables'][number] | undefined;
  /** What a tick is called. */
  unit: string;
}

/** What a change makes of its variable: before → after, per group, from its first tick on. */
export function ChangeValuesLine({ values, variable, unit }: ChangeValuesLineProps) {
  const [all, ...groups] = values.groups;
  if (!all) return null;
  const inWords = (value: number) => inUnit(value, variable?.unit ?? '1');
  const first =
    values.first_tick === 0 ? 'from the start' : `from ${moment(values.first_tick, unit)}`;
  return (
    <div className="grid gap-1 text-control text-t2">
      <p>
        <span className="font-mono text-t1">
          {inWords(all.before)} → {inWords(all.after)}
        </span>{' '}
        {first}, for {counted(all.personas, 'persona', 'personas')}
      </p>
      {groups.length > 1 && (
        <Disclosure summary="By group">
          <ul aria-label="Before and after by group" className="max-h-56 overflow-y-auto">
            {groups.map((group) => (
              <li key={group.name} className="flex flex-wrap justify-between gap-x-4">
                <span>{group.label}</span>
                <span className="font-mono">
                  {inWords(group.before)} → {inWords(group.after)}
                </span>
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </div>
  );
}
