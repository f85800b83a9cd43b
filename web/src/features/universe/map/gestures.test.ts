import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Camera, Gesture } from './camera';
import { listenToGestures, stepBetween } from './gestures';

/** Where a point of the screen goes in a step. */
const carried = ({ factor, at, by }: Gesture, x: number, y: number) => ({
  x: at.x + (x - at.x) * factor + by.x,
  y: at.y + (y - at.y) * factor + by.y,
});

test('a drag moves by its way and zooms nothing', () => {
  const step = stepBetween({ k: 1, x: 10, y: 20 }, { k: 1, x: 40, y: 0 }, { x: 70, y: 90 });
  expect(step.factor).toBe(1);
  expect(step.by).toEqual({ x: 30, y: -20 });
});

test('a wheel zooms around the pointer, which keeps its place', () => {
  const pointer = { x: 100, y: 50 };
  const step = stepBetween({ k: 1, x: 10, y: 20 }, { k: 2, x: -80, y: -10 }, pointer);
  expect(step).toEqual({ factor: 2, at: pointer, by: { x: 0, y: 0 } });
});

test('a pinch keeps under both fingers what was there', () => {
  // Fingers go from (100, 100) and (200, 100) to (80, 120) and (280, 120).
  const step = stepBetween({ k: 1, x: 0, y: 0 }, { k: 2, x: -120, y: -80 }, { x: 180, y: 120 });
  expect(carried(step, 100, 100)).toEqual({ x: 80, y: 120 });
  expect(carried(step, 200, 100)).toEqual({ x: 280, y: 120 });
});

let stage: HTMLElement;
let seen: Gesture[];
let stop: () => void;
let camera: Camera;

beforeEach(() => {
  stage = document.body.appendChild(document.createElement('div'));
  seen = [];
  camera = { x: 0, y: 0, zoom: 1 };
  stop = listenToGestures(stage, { camera: () => camera, onGesture: (step) => seen.push(step) });
});

afterEach(() => {
  stop();
  stage.remove();
});

const mouse = (type: string, init: MouseEventInit) => {
  const event = new MouseEvent(type, { bubbles: true, cancelable: true, ...init });
  // The window that tests see is none that jsdom's constructor takes.
  Object.defineProperty(event, 'view', { value: window });
  (type === 'mousedown' ? stage : window).dispatchEvent(event);
};
const wheel = (init: WheelEventInit) =>
  stage.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, ...init }));

test('dragging with the first button moves, with another nothing does', () => {
  mouse('mousedown', { clientX: 10, clientY: 10, button: 2 });
  mouse('mousemove', { clientX: 30, clientY: 15 });
  expect(seen).toEqual([]);
  mouse('mousedown', { clientX: 10, clientY: 10 });
  mouse('mousemove', { clientX: 30, clientY: 15 });
  mouse('mouseup', { clientX: 30, clientY: 15 });
  expect(seen.map(({ factor, by }) => ({ factor, by }))).toEqual([
    { factor: 1, by: { x: 20, y: 5 } },
  ]);
});

test('a wheel pans and keeps the page where it is; with ctrl it zooms', () => {
  expect(wheel({ deltaX: 3, deltaY: 40 })).toBe(false);
  expect(seen).toEqual([{ factor: 1, at: { x: 0, y: 0 }, by: { x: -3, y: -40 } }]);
  expect(wheel({ deltaY: 10, ctrlKey: true, clientX: 50, clientY: 60 })).toBe(false);
  expect(seen[1]?.factor).toBeLessThan(1);
  expect(seen[1]?.at).toEqual({ x: 50, y: 60 });
});

test('a gesture starts from where buttons and keys have left the camera', () => {
  camera = { x: -500, y: 80, zoom: 1.25 };
  wheel({ deltaY: -10, ctrlKey: true });
  expect(seen).toEqual([]);
  wheel({ deltaY: 10, ctrlKey: true });
  expect(seen[0]?.factor).toBeCloseTo(2 ** -0.2);
});

test('nothing is heard after the end', () => {
  stop();
  wheel({ deltaX: 3, deltaY: 40 });
  mouse('mousedown', { clientX: 10, clientY: 10 });
  mouse('mousemove', { clientX: 30, clientY: 15 });
  expect(seen).toEqual([]);
});
