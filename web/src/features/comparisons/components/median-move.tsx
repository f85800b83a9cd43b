import type { ShareDifference } from '@/api/generated/types.gen';
import { sentenceCase } from '@/features/runs';
import { medianShare } from '@/features/universe';

interface MedianMoveProps {
  row: ShareDifference;
  label: string;
}

/** An alternative, and what its median share was and becomes. */
export function MedianMove({ row, label }: MedianMoveProps) {
  return (
    <>
      {sentenceCase(label)}
      <span className="block font-mono text-caption text-t3">
        {medianShare(row.base)} → {medianShare(row.branch)}
      </span>
    </>
  );
}
