export { FileDrop } from './components/file-drop';
export { PopulationFlow } from './components/population-flow';
export { populationListOptions, populationOptions } from './queries';
