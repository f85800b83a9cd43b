/** Code that comes when somebody asks: the first view of a page has no room for it. */
import { lazy } from 'react';

export const AskProgress = lazy(async () => ({
  default: (await import('./ask-progress')).AskProgress,
}));
export const Offers = lazy(async () => ({
  default: (await import('./offers')).Offers,
}));
export const Understanding = lazy(async () => ({
  default: (await import('./understanding')).Understanding,
}));
