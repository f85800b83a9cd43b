import { Maximize, Minus, Plus } from 'lucide-react';
import type { IntervalKind } from '@/api/generated/types.gen';
import { IconButton } from '@/ui/button';
import { MapLegend } from './map-legend';

interface MapToolbarProps {
  interval: IntervalKind | null;
  onZoom: (direction: 'in' | 'out' | 'all') => void;
}

/** What the map's signs mean, and its zoom for those who neither pinch nor turn a wheel. */
export function MapToolbar({ interval, onZoom }: MapToolbarProps) {
  return (
    <div className="flex items-center justify-between gap-4 border-t border-line bg-s1 py-0.5 pr-1 pl-3">
      <MapLegend interval={interval} />
      <div className="flex shrink-0 gap-0.5">
        <IconButton label="Zoom out" onClick={() => onZoom('out')}>
          <Minus aria-hidden size={16} />
        </IconButton>
        <IconButton label="Zoom in" onClick={() => onZoom('in')}>
          <Plus aria-hidden size={16} />
        </IconButton>
        <IconButton label="Show all" onClick={() => onZoom('all')}>
          <Maximize aria-hidden size={16} />
        </IconButton>
      </div>
    </div>
  );
}
