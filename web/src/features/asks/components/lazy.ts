/** Code that comes when somebody asks: the first view of a page has no room for it. */
import { lazy } from 'react';

export const AskProgress = lazy(async () => ({
  default: (await import('./ask-progress')).AskProgress,
}));
export const ChangeOffer = lazy(async () => ({
  default: (await import('./change-editor')).ChangeOffer,
}));
