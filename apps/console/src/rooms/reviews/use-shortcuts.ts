import { useEffect, useRef } from 'react';

/** Single keys that act while nobody is typing and no dialog is open; keys with a modifier stay the browser's. */
export function useShortcuts(active: boolean, acts: Readonly<Record<string, () => void>>): void {
  const latest = useRef(acts);
  latest.current = acts;
  useEffect(() => {
    if (!active) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role=dialog]');
      const act = Object.hasOwn(latest.current, event.key) ? latest.current[event.key] : undefined;
      if (typing || !act) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [active]);
}
