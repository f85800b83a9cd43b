import { useEffect, useRef } from 'react';

const STORED = 'single-keys';
let isOn = read();

function read(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off';
  } catch {
    return true;
  }
}

/** Single-key shortcuts can be switched off, for people whose voice or hand presses keys by chance. */
export function singleKeysOn(): boolean {
  return isOn;
}

export function switchSingleKeys(on: boolean): void {
  isOn = on;
  try {
    localStorage.setItem(STORED, on ? 'on' : 'off');
  } catch {
    // Without storage the choice lasts as long as the tab.
  }
}

/** True where a key belongs to what is being written. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')
  );
}

/** One key for the whole page; silent while somebody writes, holds a modifier or has keys off. */
export function useSingleKey(key: string, act: () => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== key || event.defaultPrevented || !isOn) return;
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
      event.preventDefault();
      latest.current();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [key]);
}
