import type { Comparison } from '@/api/generated/types.gen';
import { Digest } from '@/ui/digest';
import { Facts, Panel } from '@/ui/panel';

/** What had to be assumed because the data do not say it. */
export function AssumptionsPanel({ comparison }: { comparison: Comparison }) {
  if (comparison.assumptions.length === 0) return null;
  return (
    <Panel title="Assumptions">
      <ul className="grid max-w-prose list-disc gap-1.5 pl-5 text-control text-t2">
        {comparison.assumptions.map((assumption) => (
          <li key={assumption}>{assumption}</li>
        ))}
      </ul>
    </Panel>
  );
}

/** Which two results these numbers come from, to the bit. */
export function DigestFooter({ comparison }: { comparison: Comparison }) {
  return (
    <footer className="border-t border-line pt-4">
      <Facts
        items={[
          ['Base digest', <Digest key="base" value={comparison.base_digest} name="base digest" />],
          [
            'Branch digest',
            <Digest key="branch" value={comparison.branch_digest} name="branch digest" />,
          ],
        ]}
      />
    </footer>
  );
}
