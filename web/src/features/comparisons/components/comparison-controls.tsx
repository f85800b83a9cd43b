import type { Node } from '@/api/generated/types.gen';
import { type Metric, sentenceCase, type Terms, wholeOf } from '@/features/runs';
import type { CompareSearch } from '../search';

interface ComparisonControlsProps {
  terms: Terms;
  metric: Metric;
  from: number;
  to: number;
  horizon: number;
  branches: readonly Node[];
  chosenId: string;
  onBranch: (nodeId: string) => void;
  onChange: (change: CompareSearch) => void;
}

const choiceClass =
  'min-h-7 rounded-sm px-2.5 text-control text-t2 aria-pressed:bg-s3 aria-pressed:text-t1';

/** What is compared, over which ticks, and which branch is shown in detail. */
export function ComparisonControls(props: ComparisonControlsProps) {
  const { terms, metric, from, to, horizon, branches, chosenId, onBranch, onChange } = props;
  const { unit } = terms;
  // A stock is what there is at one tick, so it has no beginning.
  const isPoint = metric === 'stock_share';
  return (
    <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
      {terms.metrics.length > 1 && (
        <fieldset className="flex rounded-md border border-edge p-0.5">
          <legend className="sr-only">Outcome</legend>
          {terms.metrics.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={metric === name}
              onClick={() => onChange({ metric: name, from: undefined })}
              className={choiceClass}
            >
              {sentenceCase(wholeOf(name, terms))}
            </button>
          ))}
        </fieldset>
      )}
      <fieldset className="flex items-center gap-2 text-control text-t2">
        <legend className="sr-only">{`${sentenceCase(unit)}s compared`}</legend>
        {isPoint ? `At ${unit}` : `${sentenceCase(unit)}s`}
        {!isPoint && (
          <>
            <TickField
              label={`From ${unit}`}
              value={from}
              min={1}
              max={to}
              onValue={(value) => onChange({ from: value })}
            />
            to
          </>
        )}
        <TickField
          label={isPoint ? `At ${unit}` : `To ${unit}`}
          value={to}
          min={isPoint ? 1 : from}
          max={horizon}
          onValue={(value) => onChange(isPoint ? { from: value, to: value } : { to: value })}
        />
      </fieldset>
      {branches.length > 1 && (
        <fieldset className="flex flex-wrap rounded-md border border-edge p-0.5">
          <legend className="sr-only">Branch shown</legend>
          {branches.map((node) => (
            <button
              key={node.id}
              type="button"
              aria-pressed={node.id === chosenId}
              onClick={() => onBranch(node.id)}
              className={choiceClass}
            >
              {sentenceCase(node.label)}
            </button>
          ))}
        </fieldset>
      )}
    </div>
  );
}

interface TickFieldProps {
  label: string;
  value: number;
  min: number;
  max: number;
  onValue: (value: number) => void;
}

function TickField({ label, value, min, max, onValue }: TickFieldProps) {
  return (
    <input
      key={value}
      type="number"
      aria-label={label}
      min={min}
      max={max}
      defaultValue={value}
      onBlur={(event) => {
        const next = event.currentTarget.valueAsNumber;
        if (Number.isInteger(next) && next >= min && next <= max && next !== value) onValue(next);
        else event.currentTarget.value = `${value}`;
      }}
      onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      className="h-8 w-16 rounded-md border border-edge bg-bg px-2 font-mono text-control text-t1"
    />
  );
}
