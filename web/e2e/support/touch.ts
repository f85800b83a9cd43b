/** Fingers on the screen, as the browser itself hears them. */
import type { CDPSession, Page } from '@playwright/test';

export interface Point {
  x: number;
  y: number;
}

/** Puts one finger at the start of each path, moves all of them to the ends and lifts them. */
export async function slide(
  page: Page,
  paths: readonly (readonly [Point, Point])[],
): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const steps = 8;
  await put(session, 'touchStart', paths, 0);
  for (let step = 1; step <= steps; step += 1) await put(session, 'touchMove', paths, step / steps);
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}

async function put(
  session: CDPSession,
  type: 'touchStart' | 'touchMove',
  paths: readonly (readonly [Point, Point])[],
  done: number,
): Promise<void> {
  const touchPoints = paths.map(([from, to], id) => ({
    id,
    x: from.x + (to.x - from.x) * done,
    y: from.y + (to.y - from.y) * done,
  }));
  await session.send('Input.dispatchTouchEvent', { type, touchPoints });
}
