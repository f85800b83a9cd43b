/** What a key does on the map: walk to another node, act on the one that is active, or zoom. */
import type { KeyboardEvent } from 'react';
import type { Step } from './layout';

const steps: Record<string, Step> = {
  ArrowLeft: 'parent',
  ArrowRight: 'child',
  ArrowUp: 'previous',
  ArrowDown: 'next',
  '1': 'start',
};

export interface KeyListeners {
  onStep: (step: Step) => void;
  onSelect: () => void;
  onCompare: () => void;
  onTune: () => void;
  onAsk: () => void;
  onZoom: (direction: 'in' | 'out' | 'all') => void;
}

const actions: Record<string, (listeners: KeyListeners) => void> = {
  enter: ({ onSelect }) => onSelect(),
  c: ({ onCompare }) => onCompare(),
  f: ({ onTune }) => onTune(),
  '/': ({ onAsk }) => onAsk(),
  '0': ({ onZoom }) => onZoom('all'),
  '+': ({ onZoom }) => onZoom('in'),
  '-': ({ onZoom }) => onZoom('out'),
};

export function pressKey(event: KeyboardEvent<HTMLElement>, listeners: KeyListeners): void {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const step = steps[event.key];
  const act = actions[event.key.toLowerCase()];
  if (!step && !act) return;
  event.preventDefault();
  if (step) listeners.onStep(step);
  else act?.(listeners);
}
