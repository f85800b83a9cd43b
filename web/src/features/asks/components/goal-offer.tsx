import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useId, useState } from 'react';
import type { GoalOffer as Goal, Plan } from '@/api/generated/types.gen';
import { toProblem } from '@/lib/problem';
import { Button } from '@/ui/button';
import { Field, NumberInput } from '@/ui/field';
import { ErrorState } from '@/ui/states';
import { useSeek } from '../queries';

interface GoalOfferProps {
  projectId: string;
  parentId: string | undefined;
  goal: Goal;
}

/** A question for a value: where it is looked for, and one click to look. */
export function GoalOffer({ projectId, parentId, goal }: GoalOfferProps) {
  const heading = useId();
  const navigate = useNavigate();
  const [bounds, setBounds] = useState({ lower: `${goal.lower}`, upper: `${goal.upper}` });
  const { seek, isPending, error } = useSeek(projectId);
  const problem = error ? toProblem(error) : null;
  const show = (plan: Plan) =>
    void navigate({
      to: '/projects/$projectId/plans',
      params: { projectId },
      search: { plan: plan.id },
    });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [lower, upper] = [Number(bounds.lower), Number(bounds.upper)];
    if (!isPending) seek(goal, parentId ?? null, { lower, upper }, show);
  };
  const bound = (name: 'lower' | 'upper', label: string) => (
    <Field label={label} error={problem?.field(`seek.${name}`)}>
      <NumberInput
        step="any"
        required
        {...(goal.unit ? { unit: goal.unit } : {})}
        value={bounds[name]}
        onChange={(event) => setBounds({ ...bounds, [name]: event.currentTarget.value })}
      />
    </Field>
  );
  return (
    <form
      aria-labelledby={heading}
      onSubmit={submit}
      className="grid max-w-4xl gap-3 rounded-lg border border-accent bg-s2 p-3"
    >
      <p id={heading} className="text-control text-t1">
        {goal.sentence}
      </p>
      <div className="grid items-end gap-3 sm:grid-cols-[1fr_1fr_auto]">
        {bound('lower', 'Look from')}
        {bound('upper', 'Up to')}
        <Button type="submit" variant="primary" busy={isPending}>
          Find the value
        </Button>
      </div>
      {problem ? <ErrorState problem={problem} /> : null}
    </form>
  );
}
