import { useMemo } from 'react';
import { useTheme } from '@/lib/theme';
import type { Palette } from './paint';

/** The theme's colours for the canvas, which cannot read style sheets itself. */
export function usePalette(): Palette {
  const theme = useTheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the variables change with the theme
  return useMemo(() => {
    const style = getComputedStyle(document.documentElement);
    const read = (name: string) => style.getPropertyValue(name).trim();
    return {
      edge: read('--color-edge'),
      line: read('--color-line'),
      accent: read('--color-accent'),
      warn: read('--color-warn'),
      bad: read('--color-bad'),
      baseline: read('--color-baseline'),
      caption: read('--color-t3'),
      text: read('--color-t1'),
      raised: read('--color-s2'),
      mono: read('--font-mono') || 'monospace',
    };
  }, [theme]);
}
