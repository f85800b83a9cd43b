export { RunBar } from './components/run-bar';
export { runListOptions, telemetryOptions } from './queries';
export { progressWords, variantLabel } from './wording';
