/** A profile as a person edits it: numbers are texts meanwhile, an empty one is none. */
import type { Profile, ProfileKeyView } from '@/api/generated/types.gen';

export interface ProfileDraft {
  model: string;
  /** One on a line, in the order in which they are asked. */
  fallbacks: string;
  temperature: string;
  maxTokens: string;
  /** In USD. */
  ceiling: string;
  /** Seconds. */
  ttl: string;
  cached: boolean;
  prompt: string;
}

const text = (value: number | string | null | undefined) => (value == null ? '' : `${value}`);

/** From what holds now, so that a first form of one's own changes nothing else. */
export function profileDraft(now: Profile | ProfileKeyView): ProfileDraft {
  return {
    model: now.model ?? '',
    fallbacks: now.fallback_models.join('\n'),
    temperature: text(now.temperature),
    maxTokens: text(now.max_tokens),
    ceiling: text(now.max_cost_per_request_usd),
    ttl: text(now.cache_ttl_seconds),
    cached: now.cache_enabled,
    prompt: now.system_prompt ?? '',
  };
}

const number = (value: string) => (value.trim() === '' ? null : Number(value));

/** What is sent. Money stays text. */
export function changesOf(draft: ProfileDraft) {
  return {
    model: draft.model.trim(),
    fallback_models: draft.fallbacks
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    temperature: number(draft.temperature),
    max_tokens: number(draft.maxTokens),
    max_cost_per_request_usd: draft.ceiling.trim() === '' ? null : draft.ceiling.trim(),
    cache_enabled: draft.cached,
    cache_ttl_seconds: number(draft.ttl),
    system_prompt: draft.prompt.trim() === '' ? null : draft.prompt,
  };
}
