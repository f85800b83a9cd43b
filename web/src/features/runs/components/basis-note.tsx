import type { Basis } from '@/api/generated/types.gen';
import { Badge } from '@/ui/badge';

interface BasisProps {
  basis: Basis;
}

/** Above every number of a project in which nothing comes from the file. */
export function BasisNotice({ basis }: BasisProps) {
  if (basis.kind !== 'assumptions') return null;
  return (
    <p role="note" className="rounded-md border border-warn px-3 py-2 text-control text-warn">
      {basis.note}
    </p>
  );
}

/** Beside a number: the one word that says that nothing of it comes from the file. */
export function IllustrativeBadge({ basis }: BasisProps) {
  if (basis.kind !== 'assumptions') return null;
  return <Badge tone="warn">illustrative</Badge>;
}
