import { Field, Input, Textarea } from '@/ui/field';
import { Panel } from '@/ui/panel';
import type { Draft } from '../draft';

export interface StepProps {
  draft: Draft;
  errors: Record<string, string>;
  onChange: (change: Partial<Draft>) => void;
}

/** What the project is about, in the words its reports will carry. */
export function GoalStep({ draft, errors, onChange }: StepProps) {
  return (
    <Panel title="Goal" caption="A project asks questions of one population.">
      <div className="grid max-w-xl gap-4">
        <Field label="Project name" error={errors.name}>
          <Input
            value={draft.name ?? ''}
            maxLength={80}
            placeholder="What our customers choose"
            onChange={(event) => onChange({ name: event.target.value || undefined })}
          />
        </Field>
        <Field label="What do you want to find out?" optional>
          <Textarea
            value={draft.goal ?? ''}
            maxLength={1000}
            rows={3}
            placeholder="Which change moves the most people, and whom does it pass by?"
            onChange={(event) => onChange({ goal: event.target.value || undefined })}
          />
        </Field>
      </div>
    </Panel>
  );
}
