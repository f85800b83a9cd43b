import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { NamedLabel, TemplateParameter } from '@/api/generated/types.gen';
import { populationOptions } from '@/features/populations';
import { parameterTitle, sentenceCase, sourceWords, templatesOptions } from '@/features/runs';
import { setting } from '@/lib/format';
import { Badge } from '@/ui/badge';
import { Disclosure } from '@/ui/disclosure';
import { Field, NumberInput, Select } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { Resource } from '@/ui/resource';
import { ErrorState } from '@/ui/states';
import { BOUNDS, type Chosen, chosenOf, domainOf, STANDARD } from '../draft';
import { rolesOptions } from '../queries';
import { alternativesOf, takesState } from '../roles';
import { unknownDomain } from '../wording';
import type { StepProps } from './goal-step';
import { StartPanel } from './start-panel';

/** What is looked at, how far ahead, where people start, and the behaviour the data cannot tell. */
export function OutcomeStep(props: StepProps) {
  const templates = useQuery(templatesOptions());
  const { draft } = props;
  const offers = useQuery(rolesOptions(domainOf(draft), draft.population)).data ?? [];
  const parties = alternativesOf(offers, draft);
  return (
    <Resource query={templates}>
      {(found) => {
        const chosen = chosenOf(draft, found);
        if (!chosen) return <ErrorState problem={unknownDomain} />;
        const parameters = chosen.variant.parameters.filter(
          // Each of the file's alternatives has its own, which the baseline finds.
          ({ name }) => !(parties && name.startsWith('appeal.')),
        );
        return (
          <div className="grid gap-4">
            <Horizon chosen={chosen} parties={parties} {...props} />
            {takesState(offers, draft.roles) ? null : <StartPanel chosen={chosen} {...props} />}
            <Panel
              title="Behaviour"
              caption="Values to start with. What is an assumption stays marked as one in every result."
            >
              <Disclosure
                summary={`${parameters.length} values, all with a default`}
                forced={Object.keys(props.errors).some((field) => field.startsWith('parameters'))}
              >
                <div className="grid gap-5">
                  {parameters.map((parameter) => (
                    <ParameterField key={parameter.name} parameter={parameter} {...props} />
                  ))}
                </div>
              </Disclosure>
            </Panel>
          </div>
        );
      }}
    </Resource>
  );
}

interface OutcomeProps extends StepProps {
  chosen: Chosen;
  /** The alternatives that the file gives, where it does. */
  parties: readonly NamedLabel[] | null;
}

function Horizon({ chosen, parties, ...props }: OutcomeProps) {
  return (
    <Panel title="Outcome and horizon" caption={chosen.template.label}>
      <div className="grid gap-4 sm:grid-cols-2">
        <OutcomeField chosen={chosen} parties={parties} {...props} />
        <WholeNumber
          {...props}
          name="horizon"
          label="Horizon"
          unit={`${chosen.template.tick_unit}s`}
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
  );
}

function OutcomeField({ chosen, parties, draft, errors, onChange }: OutcomeProps) {
  const query = useQuery(populationOptions(draft.population ?? ''));
  return (
    <Resource query={query}>
      {({ mapping }) => {
        const surveyed = mapping?.alternatives ?? [];
        const alternatives = parties ?? chosen.variant.alternatives;
        const own = parties ? parties[0]?.name : chosen.variant.outcome_alternative;
        const offered =
          alternatives.length > 0
            ? alternatives
            : surveyed.map(({ value, label }) => ({ name: value, label }));
        const standard = own ?? mapping?.reference_alternative ?? offered.at(-1)?.name ?? '';
        return (
          <Field
            label="Outcome"
            hint="Its share is shown first."
            error={errors.outcome_alternative}
          >
            <Select
              value={draft.alternative ?? standard}
              onChange={(event) => onChange({ alternative: event.target.value })}
            >
              {offered.map(({ name, label }) => (
                <option key={name} value={name}>
                  {sentenceCase(label)}
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
}: StepProps & { parameter: TemplateParameter }) {
  const { name, label, unit, minimum, maximum, default: standard, assumption, source } = parameter;
  const value = draft.parameters?.[name];
  // Counts resets: the field is free while somebody types and starts anew after each.
  const [generation, setGeneration] = useState(0);
  const change = (to: number | undefined) => {
    const { [name]: _, ...others } = draft.parameters ?? {};
    onChange({ parameters: to === undefined ? others : { ...others, [name]: to } });
  };
  const reset = () => {
    change(undefined);
    setGeneration(generation + 1);
  };
  return (
    <div className="grid gap-x-6 gap-y-2 sm:grid-cols-[16rem_1fr]">
      <Field label={parameterTitle(name)} error={errors[`parameters.${name}`]}>
        <NumberInput
          min={minimum}
          max={maximum}
          step="any"
          {...(unit === '1' ? {} : { unit: unit.split(',')[0] ?? unit })}
          key={generation}
          defaultValue={value ?? Number(standard.toPrecision(4))}
          onChange={(event) => change(asNumber(event.target.value))}
        />
      </Field>
      <div className="grid content-start gap-1 text-control text-t2 sm:pt-6">
        <p>{sentenceCase(label)}.</p>
        <p className="text-t3">
          {assumption ? <Badge tone="warn">assumption</Badge> : <Badge>sourced</Badge>}{' '}
          {sourceWords(source)}; range {setting(minimum)} to {setting(maximum)}{' '}
          {value === undefined ? null : (
            <button
              type="button"
              className="min-h-6 text-accent underline underline-offset-2"
              onClick={reset}
            >
              Reset to {setting(standard)}
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
