import type { ComponentProps } from 'react';
import { ChangeOffer } from './change-editor';
import { GoalOffer } from './goal-offer';
import { SweepOffer } from './sweep-offer';

/** What a question that does not run may be: a search, several questions, or a change to edit. */
export function Offers(props: ComponentProps<typeof ChangeOffer>) {
  const { projectId, parentId, compilation } = props;
  const { goal, sweep = [] } = compilation;
  if (goal) return <GoalOffer projectId={projectId} parentId={parentId} goal={goal} />;
  if (sweep.length > 0) return <SweepOffer {...{ projectId, parentId, sweep }} />;
  return <ChangeOffer {...props} />;
}
