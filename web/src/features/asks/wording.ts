/** What the compiler made of a question, in words. */
import type { CompilationWire } from '@/api/generated/types.gen';

export type MarkKind = 'plain' | 'understood' | 'unmapped';

export interface MarkedText {
  text: string;
  kind: MarkKind;
  start: number;
}

/** Cuts a question into what was understood, what was not, and the words between. */
export function markQuestion(question: string, compilation: CompilationWire): MarkedText[] {
  const marks: { start: number; end: number; kind: MarkKind }[] = [];
  const note = (text: string, kind: MarkKind) => {
    const start = text === '' ? -1 : question.toLowerCase().indexOf(text.toLowerCase());
    const end = start + text.length;
    const taken = marks.some((mark) => start < mark.end && end > mark.start);
    if (start >= 0 && !taken) marks.push({ start, end, kind });
  };
  for (const part of compilation.unmapped) note(part.text, 'unmapped');
  for (const part of compilation.understood) note(part.text, 'understood');
  marks.sort((a, b) => a.start - b.start);
  const pieces: MarkedText[] = [];
  let at = 0;
  for (const mark of marks) {
    if (mark.start > at)
      pieces.push({ text: question.slice(at, mark.start), kind: 'plain', start: at });
    pieces.push({ text: question.slice(mark.start, mark.end), kind: mark.kind, start: mark.start });
    at = mark.end;
  }
  if (at < question.length) pieces.push({ text: question.slice(at), kind: 'plain', start: at });
  return pieces;
}

/** Rule-based and model answers are never mistaken for each other. */
export function compilerWords(compilation: CompilationWire): string {
  const ruleBased = /rule/i.test(compilation.compiler);
  return `${ruleBased ? 'rule-based compiler' : compilation.compiler} ${compilation.compiler_version}`;
}
