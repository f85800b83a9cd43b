/** Code that comes when somebody opens it: the first view of a page has no room for it. */
import { lazy } from 'react';

const records = () => import('./node-records');
export const NodeChanges = lazy(async () => ({ default: (await records()).NodeChanges }));
export const NodeRuns = lazy(async () => ({ default: (await records()).NodeRuns }));
export const NodeProvenance = lazy(async () => ({ default: (await records()).NodeProvenance }));

export const TuneSheet = lazy(async () => ({ default: (await import('./tune-sheet')).TuneSheet }));

export const NodeTree = lazy(async () => ({ default: (await import('./node-tree')).NodeTree }));
