import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { populationOptions } from '@/features/populations';
import { significant } from '@/lib/format';
import { Badge } from '@/ui/badge';
import { Disclosure } from '@/ui/disclosure';
import { Field, NumberInput, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { BOUNDS, behaviour, type Parameter, STANDARD } from '../draft';
import { templateOptions } from '../queries';
import { meaningOf, sourceOf, titleOf, unitOf } from '../wording';
import type { StepProps } from './goal-step';

/** What is looked at, how far ahead, and the behaviour that the data cannot tell. */
export function OutcomeStep(props: StepProps) {
  const template = useQuery(templateOptions());
  return (
    <div className="grid gap-4">
      <Panel title="Outcome and horizon">
        <div className="grid gap-4 sm:grid-cols-2">
          <OutcomeField {...props} />
          <WholeNumber
            {...props}
            name="horizon"
            label="Horizon"
            unit="months"
            hint="How far ahead each run looks."
          />
          <WholeNumber
            {...props}
            name="replicates"
            label="Replicates"
            hint="Runs of the same world with different chance; intervals come from them."
          />
        </div>
        <div className="mt-4">
          <Disclosure summary="Advanced: seed">
            <div className="grid gap-4 sm:grid-cols-2">
              <WholeNumber
                {...props}
                name="seed"
                label="Seed"
                hint="The same seed gives the same futures, bit for bit."
              />
            </div>
          </Disclosure>
        </div>
      </Panel>
      <Panel
        title="Behaviour"
        caption="Literature values to start with. What is an assumption stays marked as one in every result."
      >
        <Resource query={template}>
          {(found) => (
            <div className="grid gap-5">
              {behaviour(found).map((parameter) => (
                <ParameterField key={parameter.name} parameter={parameter} {...props} />
              ))}
            </div>
          )}
        </Resource>
      </Panel>
    </div>
  );
}

function OutcomeField({ draft, onChange }: StepProps) {
  const query = useQuery(populationOptions(draft.population ?? ''));
  return (
    <Resource query={query}>
      {(population) => {
        const { alternatives = [], reference_alternative: reference } = population.mapping ?? {};
        return (
          <Field label="Outcome" hint="The alternative whose share is shown first.">
            <Select
              value={draft.alternative ?? reference ?? alternatives.at(-1)?.value ?? ''}
              onChange={(event) => onChange({ alternative: event.target.value })}
            >
              {alternatives.map((item) => (
                <option key={item.value} value={item.value}>
                  {item.label}
                </option>
              ))}
            </Select>
          </Field>
        );
      }}
    </Resource>
  );
}

function WholeNumber({
  draft,
  errors,
  onChange,
  name,
  label,
  hint,
  unit,
}: StepProps & { name: keyof typeof BOUNDS; label: string; hint: string; unit?: string }) {
  const [low, high] = BOUNDS[name];
  return (
    <Field label={label} hint={hint} error={errors[name]}>
      <NumberInput
        min={low}
        max={high}
        step={1}
        {...(unit ? { unit } : {})}
        defaultValue={draft[name] ?? STANDARD[name]}
        onChange={(event) => onChange({ [name]: asNumber(event.target.value) })}
      />
    </Field>
  );
}

function ParameterField({
  parameter,
  draft,
  errors,
  onChange,
}: StepProps & { parameter: Parameter }) {
  const { name, minimum, maximum, default: standard, assumption } = parameter;
  const unit = unitOf(parameter);
  const value = draft[name];
  // Counts resets: the field is free while somebody types and starts anew after each.
  const [generation, setGeneration] = useState(0);
  const reset = () => {
    onChange({ [name]: undefined });
    setGeneration(generation + 1);
  };
  return (
    <div className="grid gap-x-6 gap-y-2 sm:grid-cols-[16rem_1fr]">
      <Field label={titleOf(name)} error={errors[name]}>
        <NumberInput
          min={minimum}
          max={maximum}
          step="any"
          {...(unit ? { unit } : {})}
          key={generation}
          defaultValue={value ?? Number(standard.toPrecision(4))}
          onChange={(event) => onChange({ [name]: asNumber(event.target.value) })}
        />
      </Field>
      <div className="grid content-start gap-1 text-control text-t2 sm:pt-6">
        <p>{meaningOf(parameter)}</p>
        <p className="flex flex-wrap items-center gap-2 text-t3">
          {assumption ? <Badge tone="warn">assumption</Badge> : <Badge>sourced</Badge>}
          <span>
            {sourceOf(parameter)}; range {significant(minimum)} to {significant(maximum)}
          </span>
          {value === undefined ? null : (
            <button
              type="button"
              className="min-h-6 text-accent underline underline-offset-2"
              onClick={reset}
            >
              Reset to {significant(standard)}
            </button>
          )}
        </p>
      </div>
    </div>
  );
}

/** An emptied field goes back to its default. */
function asNumber(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}
