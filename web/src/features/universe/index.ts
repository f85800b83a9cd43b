export { BaselineCard } from './components/baseline-card';
export { NodeChanges, NodeProvenance, NodeRuns, NodeTree, TuneSheet } from './components/lazy';
export { Notices } from './components/notices';
export { ProjectNav } from './components/project-nav';
export { ScriptRows } from './components/script-rows';
export { UniverseMap } from './map/universe-map';
export {
  graphOptions,
  nodeOptions,
  projectOptions,
  registryOptions,
  useRefreshUniverse,
  useRunNode,
} from './queries';
export {
  intervalWords,
  medianShare,
  operationWords,
  variableTitle,
  verdictWords,
} from './wording';
