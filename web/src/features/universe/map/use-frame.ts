import { type RefObject, useLayoutEffect, useState } from 'react';
import type { Frame } from './camera';

/** Size of an element, kept up to date; null until it has been measured. */
export function useFrame(stage: RefObject<HTMLElement | null>): Frame | null {
  const [frame, setFrame] = useState<Frame | null>(null);
  useLayoutEffect(() => {
    const element = stage.current;
    if (!element) return;
    const measure = () => {
      const next = { width: element.clientWidth || 960, height: element.clientHeight || 540 };
      setFrame((known) =>
        known && known.width === next.width && known.height === next.height ? known : next,
      );
    };
    measure();
    if (typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [stage]);
  return frame;
}
