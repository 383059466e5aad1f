// Writes docs/settings.md from the table of settings; a test compares the two.
import { writeFileSync } from 'node:fs';
import { settingsPage } from '../apps/server/src/platform/settings/public.ts';

writeFileSync(new URL('../docs/settings.md', import.meta.url), settingsPage());
