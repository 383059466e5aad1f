export { helpText, settingsPage } from './pages.ts';
export { readSettings, type SettingsReading } from './settings.ts';
export { reasonOf, StartFailure } from './start-failure.ts';
export type { Settings } from './table.ts';
export { isLoopback } from './values.ts';
