export { RunBar } from './components/run-bar';
export { runListOptions, telemetryOptions } from './queries';
export { progressWords, sentenceCase, variantLabel } from './wording';
