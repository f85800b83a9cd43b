import type { Comparison } from '@/api/generated/types.gen';
import { metricName, type Terms } from '@/features/runs';
import { shortDigest, span } from '@/lib/format';
import { intervalWords } from '../wording';

/** The source line under every exported picture of a comparison. */
export function comparisonSource(comparison: Comparison, terms: Terms): string {
  return sourceLine(comparison, metricName(comparison.metric, terms), terms);
}

export function sourceLine(comparison: Comparison, what: string, terms: Terms): string {
  const base = shortDigest(comparison.base_digest);
  const branch = shortDigest(comparison.branch_digest);
  const when = span(comparison.from_tick, comparison.to_tick, terms.unit);
  return `AgentVerse · ${what}, ${when} · ${intervalWords(comparison.interval)} · base ${base}, branch ${branch}`;
}

export function comparisonFile(comparison: Comparison, part: string): string {
  return `agentverse-${part}-${comparison.metric.replace('_', '-')}-${shortDigest(comparison.branch_digest, 8)}`;
}
