/** Test data of questions, typed by the generated client. */
import type { CompilationWire } from '@/api/generated/types.gen';

export function compilationOf(change: Partial<CompilationWire> = {}): CompilationWire {
  return {
    compiler: 'rule_based',
    compiler_version: '1.0.0',
    event_scripts: [],
    understood: [],
    unmapped: [],
    contradictions: [],
    assumptions: [],
    ...change,
  };
}
