import { Link } from '@tanstack/react-router';
import type { NodeDetail, VariableRegistry } from '@/api/generated/types.gen';
import { sentenceCase, variantLabel } from '@/features/runs';
import { bytes, count, dateTime, money, seconds } from '@/lib/format';
import { Digest } from '@/ui/digest';
import { Facts } from '@/ui/panel';
import { Status } from '@/ui/status';
import { ScriptRows } from './script-rows';

/** What this world version changes, and what it inherits. */
export function NodeChanges({
  node,
  registry,
}: {
  node: NodeDetail;
  registry: VariableRegistry | undefined;
}) {
  if (node.kind === 'root') {
    return (
      <p className="text-control text-t2">
        The baseline changes nothing: every variable has the project's own value.
      </p>
    );
  }
  return (
    <div className="grid gap-5">
      {node.question && (
        <blockquote className="border-l-2 border-edge pl-3 text-body text-t1">
          {node.question}
        </blockquote>
      )}
      {node.explanation !== '' && <p className="text-control text-t2">{node.explanation}</p>}
      <section className="grid gap-2">
        <h3 className="text-control text-t1">Changed here</h3>
        <ScriptRows caption="Changed here" scripts={node.event_scripts} registry={registry} />
      </section>
      {node.inherited_scripts.length > 0 && (
        <section className="grid gap-2">
          <h3 className="text-control text-t2">Inherited from above</h3>
          <ScriptRows caption="Inherited" scripts={node.inherited_scripts} registry={registry} />
        </section>
      )}
    </div>
  );
}

/** Every run of the node with what it takes to repeat it. */
export function NodeRuns({ node }: { node: NodeDetail }) {
  if (node.runs.length === 0) {
    return <p className="text-control text-t2">No run yet.</p>;
  }
  return (
    <ul className="grid gap-3">
      {node.runs.map((run) => (
        <li key={run.id} className="grid gap-2 rounded-md border border-line p-3">
          <div className="flex items-center justify-between gap-3">
            <Link
              to="/runs/$runId"
              params={{ runId: run.id }}
              className="text-control text-accent underline-offset-4 hover:underline"
            >
              {sentenceCase(variantLabel[run.variant])}
            </Link>
            <Status status={run.status} />
          </div>
          <Facts
            items={[
              [
                'Seed',
                <span key="seed" className="font-mono">
                  {run.seed}
                </span>,
              ],
              [
                'Replicates',
                <span key="replicates" className="font-mono">
                  {count(run.replicates)}
                </span>,
              ],
              [
                'Engine',
                <span key="engine" className="font-mono">
                  {run.engine_version}
                </span>,
              ],
              [
                'Compute',
                <span key="compute" className="font-mono">
                  {seconds(run.compute_seconds)}
                </span>,
              ],
              [
                'Telemetry',
                <span key="telemetry" className="font-mono">
                  {bytes(run.telemetry_bytes)}
                </span>,
              ],
              ['Digest', <Digest key="digest" value={run.digest} name="run digest" />],
            ]}
          />
        </li>
      ))}
    </ul>
  );
}

/** Where every number of this node comes from, and what it cost. */
export function NodeProvenance({ node }: { node: NodeDetail }) {
  const personas = node.runs[0]?.personas ?? null;
  return (
    <Facts
      items={[
        ['Node', <Digest key="node" value={node.id} name="node id" />],
        ['Digest', <Digest key="digest" value={node.digest} name="node digest" />],
        [
          'Population',
          <Digest key="population" value={node.population_digest} name="population digest" />,
        ],
        [
          'Personas',
          <span key="personas" className="font-mono">
            {count(personas)}
          </span>,
        ],
        [
          'Engine',
          <span key="engine" className="font-mono">
            {node.engine_version ?? '—'}
          </span>,
        ],
        [
          'Compute',
          <span key="compute" className="font-mono">
            {seconds(node.compute_seconds)}
          </span>,
        ],
        [
          'Cost',
          <span key="cost" className="font-mono">
            {money(node.llm_cost_usd)}, {count(node.llm_calls)} model calls
          </span>,
        ],
        ['Created', dateTime(node.created_at)],
      ]}
    />
  );
}
