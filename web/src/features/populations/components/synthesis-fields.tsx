import { Disclosure } from '@/ui/disclosure';
import { Field, NumberInput } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { SYNTHESIS_BOUNDS, type Synthesis } from '../synthesis';

interface SynthesisFieldsProps {
  value: Synthesis;
  errors: Partial<Record<keyof Synthesis, string>>;
  onChange: (value: Synthesis) => void;
}

/** How many personas are drawn from the rows, and how they know each other. */
export function SynthesisFields({ value, errors, onChange }: SynthesisFieldsProps) {
  const number = (key: keyof Synthesis) => ({
    value: Number.isNaN(value[key]) ? '' : value[key],
    min: SYNTHESIS_BOUNDS[key][0],
    max: SYNTHESIS_BOUNDS[key][1],
    onChange: (event: { target: { valueAsNumber: number } }) =>
      onChange({ ...value, [key]: event.target.valueAsNumber }),
  });
  return (
    <Panel
      title="Personas"
      caption="Drawn from the imported rows with replacement; the report shows how well they fit."
    >
      <div className="grid gap-4">
        <Field
          label="How many"
          hint="More make small segments steadier; a run takes longer."
          error={errors.personas}
          className="max-w-xs"
        >
          <NumberInput {...number('personas')} step={1} />
        </Field>
        <Disclosure summary="Advanced: seed and network">
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              label="Seed"
              hint="The same seed and file give the same personas, bit for bit."
              error={errors.seed}
            >
              <NumberInput {...number('seed')} step={1} />
            </Field>
            <Field
              label="Neighbours of a persona"
              hint="On average; 0 means nobody knows anybody."
              error={errors.mean_degree}
            >
              <NumberInput {...number('mean_degree')} step="any" />
            </Field>
            <Field
              label="Same region"
              hint="How much likelier two people of one region know each other."
              error={errors.region_odds_ratio}
            >
              <NumberInput {...number('region_odds_ratio')} step="any" unit="× odds" />
            </Field>
            <Field
              label="Same segment"
              hint="How much likelier two people of one segment know each other."
              error={errors.segment_odds_ratio}
            >
              <NumberInput {...number('segment_odds_ratio')} step="any" unit="× odds" />
            </Field>
          </div>
        </Disclosure>
      </div>
    </Panel>
  );
}
