import type { Comparison } from '@/api/generated/types.gen';
import { shortDigest } from '@/lib/format';
import { intervalWords, metricLabel } from '../wording';

/** The source line under every exported picture of a comparison. */
export function comparisonSource(comparison: Comparison): string {
  const base = shortDigest(comparison.base_digest);
  const branch = shortDigest(comparison.branch_digest);
  return `AgentVerse · ${metricLabel[comparison.metric]}, months ${comparison.from_tick}–${comparison.to_tick} · ${intervalWords(comparison.interval)} · base ${base}, branch ${branch}`;
}

export function comparisonFile(comparison: Comparison, part: string): string {
  return `agentverse-${part}-${comparison.metric.replace('_', '-')}-${shortDigest(comparison.branch_digest, 8)}`;
}
