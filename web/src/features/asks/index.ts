export { AskBox } from './components/ask-box';
export { AskProgress } from './components/lazy';
export { RecentAsks } from './components/recent-asks';
export { askOptions, asksOptions, isSettled, useAsk } from './queries';
