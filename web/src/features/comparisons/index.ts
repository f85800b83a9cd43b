export type { Compared, Sides } from './components/comparison-source';
export { DifferencePanel } from './components/difference-panel';
export { LevelsPanel } from './components/levels-panel';
export { NodeInspector } from './components/node-inspector';
export { OutcomePanel } from './components/outcome-panel';
export { SeriesPanel } from './components/series-panel';
export { joinIds, splitIds } from './search';
