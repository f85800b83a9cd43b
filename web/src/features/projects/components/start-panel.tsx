import { useState } from 'react';
import type { NamedLabel } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { Field, NumberInput } from '@/ui/field';
import { Panel } from '@/ui/panel';
import { type Chosen, percent, startShares, wholeShares } from '../draft';
import type { StepProps } from './goal-step';

/** With which shares of people a run starts; nothing where their own data say it. */
export function StartPanel({ chosen, ...props }: StepProps & { chosen: Chosen }) {
  const standard = startShares(chosen);
  // Counts resets: the fields are free while somebody types and start anew after each.
  const [generation, setGeneration] = useState(0);
  if (!standard) return null;
  const { draft, errors, onChange } = props;
  const shares = wholeShares(draft.shares, standard);
  const total = percent(Object.values(shares).reduce((sum, share) => sum + share, 0));
  const reset = () => {
    onChange({ shares: undefined });
    setGeneration(generation + 1);
  };
  return (
    <Panel title="At the start" caption={chosen.template.start_source}>
      <fieldset
        key={generation}
        aria-describedby={errors.start_shares ? 'start-error' : 'start-total'}
        className="grid gap-4 sm:grid-cols-2 md:grid-cols-4"
      >
        <legend className="sr-only">Share of people at the start</legend>
        {chosen.variant.alternatives.map((alternative) => (
          <ShareField
            key={alternative.name}
            alternative={alternative}
            share={shares[alternative.name] ?? 0}
            isWrong={errors.start_shares !== undefined}
            onShare={(share) => onChange({ shares: { ...shares, [alternative.name]: share } })}
          />
        ))}
      </fieldset>
      <p className="mt-3 flex flex-wrap items-center gap-x-4 text-control text-t3">
        {errors.start_shares ? (
          <span id="start-error" className="text-bad">
            {errors.start_shares}
          </span>
        ) : (
          <span id="start-total">Together {total} %</span>
        )}
        {draft.shares === undefined ? null : (
          <button
            type="button"
            className="min-h-6 text-accent underline underline-offset-2"
            onClick={reset}
          >
            Reset to the domain's own
          </button>
        )}
      </p>
    </Panel>
  );
}

interface ShareFieldProps {
  alternative: NamedLabel;
  share: number;
  isWrong: boolean;
  onShare: (share: number) => void;
}

function ShareField({ alternative, share, isWrong, onShare }: ShareFieldProps) {
  return (
    <Field label={sentenceCase(alternative.label)}>
      <NumberInput
        min={0}
        max={100}
        step="any"
        unit="%"
        defaultValue={percent(share)}
        {...(isWrong ? { 'aria-invalid': true } : {})}
        onChange={(event) => onShare(Number(event.target.value) / 100)}
      />
    </Field>
  );
}
