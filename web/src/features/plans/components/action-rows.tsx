import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Variable, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase, type Terms, wholeOf } from '@/features/runs';
import { variableTitle } from '@/features/universe';
import { Button, IconButton } from '@/ui/button';
import { Field, Input, NumberInput, Options, Select } from '@/ui/field';
import { type ActionDraft, type FieldErrors, type Operation, operations } from '../actions';

interface ActionRowsProps<Draft extends ActionDraft> {
  legend: string;
  actions: readonly Draft[];
  variables: readonly Variable[];
  errors: FieldErrors;
  create: (key: number) => Draft;
  onActions: (actions: readonly Draft[]) => void;
  /** More fields of an action, under those that every action has. */
  more?: (row: MoreProps<Draft>) => ReactNode;
}

export interface MoreProps<Draft> {
  action: Draft;
  errorOf: (name: string) => string | undefined;
  onChange: (changed: Partial<Draft>) => void;
}

const mostActions = 30;

/** What may be done, one row each: a name, one change of one variable, and what it costs. */
export function ActionRows<Draft extends ActionDraft>(props: ActionRowsProps<Draft>) {
  const { legend, actions, variables, errors, create, onActions, more } = props;
  const next = Math.max(...actions.map(({ key }) => key)) + 1;
  return (
    <fieldset className="grid min-w-0 gap-3">
      <legend className="mb-2 text-control font-medium text-t1">{legend}</legend>
      {actions.map((action, index) => {
        const row: MoreProps<Draft> = {
          action,
          errorOf: (name) => errors[`actions.${index}.${name}`],
          onChange: (changed) =>
            onActions(actions.map((one) => (one === action ? { ...one, ...changed } : one))),
        };
        return (
          <ActionRow
            key={action.key}
            number={index + 1}
            variables={variables}
            onRemove={
              actions.length > 1
                ? () => onActions(actions.filter((one) => one !== action))
                : undefined
            }
            action={action}
            errorOf={row.errorOf}
            // What every draft has may be changed in any of them.
            onChange={(changed) => row.onChange(changed as Partial<Draft>)}
          >
            {more?.(row)}
          </ActionRow>
        );
      })}
      <Button
        size="small"
        className="justify-self-start"
        disabled={actions.length >= mostActions}
        onClick={() => onActions([...actions, create(next)])}
      >
        <Plus aria-hidden size={14} />
        Another action
      </Button>
    </fieldset>
  );
}

interface ActionRowProps extends MoreProps<ActionDraft> {
  number: number;
  variables: readonly Variable[];
  onRemove: (() => void) | undefined;
  children: ReactNode;
}

function ActionRow(props: ActionRowProps) {
  const { number, action, variables, errorOf, onChange, onRemove, children } = props;
  const variable = variables.find(({ name }) => name === action.variable);
  const unit = action.operation === 'multiply' || variable?.unit === '1' ? '' : variable?.unit;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset within one would be read with both legends
    <div
      role="group"
      aria-label={`Action ${number}`}
      className="grid items-start gap-3 rounded-md border border-line p-3 sm:grid-cols-2 md:grid-cols-[1.2fr_1.4fr_8.5rem_1fr_8rem_auto]"
    >
      <Field label="Name" error={errorOf('name')}>
        <Input
          value={action.name}
          maxLength={80}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
      </Field>
      <Field label="Changes" error={errorOf('variable')}>
        <Select
          value={action.variable}
          onChange={(event) => onChange({ variable: event.currentTarget.value })}
        >
          {variables.map((variable) => (
            <option key={variable.name} value={variable.name}>
              {variableTitle(variable)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="How" error={errorOf('operation')}>
        <Select
          value={action.operation}
          onChange={(event) => onChange({ operation: event.currentTarget.value as Operation })}
        >
          <Options words={operations} />
        </Select>
      </Field>
      <Field label="Value" error={errorOf('value')}>
        <NumberInput
          step="any"
          {...(unit ? { unit } : {})}
          value={action.value}
          onChange={(event) => onChange({ value: event.currentTarget.value })}
        />
      </Field>
      <Field label="Cost" error={errorOf('money')}>
        <NumberInput
          step="any"
          min={0}
          placeholder="0"
          value={action.money}
          onChange={(event) => onChange({ money: event.currentTarget.value })}
        />
      </Field>
      {onRemove ? (
        <span className="md:pt-6">
          <IconButton label={`Remove action ${number}`} onClick={onRemove}>
            <X aria-hidden size={16} />
          </IconButton>
        </span>
      ) : null}
      {children ? (
        <div className="col-span-full grid min-w-0 items-start gap-3 sm:grid-cols-2 md:grid-cols-4">
          {children}
        </div>
      ) : null}
    </div>
  );
}

interface QuantityOptionsProps {
  registry: Pick<VariableRegistry, 'alternatives' | 'levels'>;
  terms: Terms;
}

/** What can be told of a society: the share of every alternative and the mean of every level. */
export function QuantityOptions({ registry, terms }: QuantityOptionsProps) {
  return (
    <>
      <optgroup label={`Share of ${wholeOf('stock_share', terms)}`}>
        {registry.alternatives.map(({ name, label }) => (
          <option key={name} value={name}>
            {sentenceCase(label)}
          </option>
        ))}
      </optgroup>
      {registry.levels.length > 0 ? (
        <optgroup label="Mean">
          {registry.levels.map(({ name, label }) => (
            <option key={name} value={name}>
              {sentenceCase(label)}
            </option>
          ))}
        </optgroup>
      ) : null}
    </>
  );
}
