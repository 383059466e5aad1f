import { appendFileSync } from 'node:fs';

/**
 * Notes that a test could not prove something because the system lacks a part: «Chromium: the console in a browser».
 * `npm test` lists the notes at the end as NOT PROVEN and fails with them in CI.
 */
export function notProven(missing: string, unproven: string): void {
  const file = process.env.SIGNET_NOT_PROVEN;
  if (file !== undefined) appendFileSync(file, `${missing}: ${unproven}\n`);
}
