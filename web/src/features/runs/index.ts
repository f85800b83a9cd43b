export { BasisNotice, IllustrativeBadge } from './components/basis-note';
export { RunBar } from './components/run-bar';
export { runListOptions, telemetryOptions, templatesOptions, useSocialRules } from './queries';
export { type Metric, plainWords, type Terms, termsOf, wholeOf } from './terms';
export { parameterTitle, progressWords, sentenceCase, sourceWords, variantLabel } from './wording';
