export { type MigrationClient, migrate } from './migrate.ts';
