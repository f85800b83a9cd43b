import { type MouseEvent, useEffect, useMemo, useRef } from 'react';
import { count } from '@/lib/format';
import { token, useTheme } from '@/lib/theme';
import { useWidth } from '@/ui/charts/use-width';
import { type Block, blockRows, personaAt, pixelSize } from '../replay/arrange';
import {
  blend,
  type FramePair,
  type Layer,
  type Paints,
  paintBlock,
  parseColor,
} from '../replay/paint';
import { sentenceCase } from '../wording';

interface PersonaBlocksProps {
  blocks: readonly Block[];
  frame: FramePair | null;
  layer: Layer;
  /** Colour token of every state, by index. */
  stateTokens: readonly string[];
  label: (group: string) => string;
  /** Says what is seen; the canvas itself is a picture. */
  name: string;
  /** A persona was pointed at, by its row. */
  onPersona: (persona: number) => void;
}

const wishedHeight = 420;

/** Everybody as one pixel each, in blocks per region. */
export function PersonaBlocks(props: PersonaBlocksProps) {
  const { blocks, frame, layer, stateTokens, label, name, onPersona } = props;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, 900);
  const paints = usePaints(stateTokens);
  const personas = blocks.reduce((sum, block) => sum + block.size, 0);
  const size = pixelSize(personas, width, wishedHeight);
  const columns = Math.max(1, Math.floor(width / size));
  return (
    <div ref={box} role="img" aria-label={name} className="grid gap-4">
      {blocks.map((block) => (
        <div key={block.region} className="min-w-0">
          <p className="flex flex-wrap items-baseline justify-between gap-x-4 pb-1 text-caption text-t3">
            <span className="text-control text-t1">{sentenceCase(label(block.region))}</span>
            <span>
              {count(block.size)} personas ·{' '}
              {block.bands.map((band) => label(band.segment)).join(', ')}
            </span>
          </p>
          <BlockCanvas
            block={block}
            columns={columns}
            size={size}
            frame={frame}
            layer={layer}
            paints={paints}
            onPersona={onPersona}
          />
        </div>
      ))}
    </div>
  );
}

interface BlockCanvasProps {
  block: Block;
  columns: number;
  size: number;
  frame: FramePair | null;
  layer: Layer;
  paints: Paints;
  onPersona: (persona: number) => void;
}

function BlockCanvas(props: BlockCanvasProps) {
  const { block, columns, size, frame, layer, paints, onPersona } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const rows = blockRows(block, columns);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !frame) return;
    const image = context.createImageData(columns, rows);
    paintBlock(image.data, block, columns, frame, layer, paints);
    context.putImageData(image, 0, 0);
  }, [block, columns, rows, frame, layer, paints]);
  const point = ({ nativeEvent: { offsetX, offsetY } }: MouseEvent) => {
    const pixel = { column: Math.floor(offsetX / size), row: Math.floor(offsetY / size) };
    const persona = personaAt(block, columns, pixel);
    if (persona !== null) onPersona(persona);
  };
  return (
    <canvas
      ref={canvas}
      onClick={point}
      width={columns}
      height={rows}
      style={{ width: columns * size, height: rows * size, imageRendering: 'pixelated' }}
      className="block cursor-pointer"
    />
  );
}

/** States stand back a little, so that those who changed at this tick stand out. */
function usePaints(stateTokens: readonly string[]): Paints {
  const theme = useTheme();
  const names = stateTokens.join(' ');
  // biome-ignore lint/correctness/useExhaustiveDependencies: token values change with the theme
  return useMemo(() => {
    const page = parseColor(token('s1'));
    return {
      states: names.split(' ').map((name) => blend(parseColor(token(name)), page, 0.2)),
      changed: parseColor(token('t1')),
      quiet: parseColor(token('s3')),
    };
  }, [names, theme]);
}
