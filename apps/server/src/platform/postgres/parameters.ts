/** Server parameters by name, as for `postgres -c name=value`. The command line wins over every file and ALTER SYSTEM. */
export type ServerParameters = Readonly<Record<string, string>>;

/** What holds for every cluster that we run: private, quiet, small, and silent about contents. */
const privateCluster: ServerParameters = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  max_connections: '40',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  // Statements, parameters and error details can hold numbers and bodies: only the server's own events are logged.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  log_checkpoints: 'off',
  // Short statements on two cores: workers and just-in-time compilation cost more than they give.
  max_parallel_workers_per_gather: '0',
  max_parallel_workers: '0',
  max_worker_processes: '2',
  autovacuum_max_workers: '2',
  jit: 'off',
  // Our transactions take milliseconds; an abandoned one must not hold vacuum back.
  idle_in_transaction_session_timeout: '60s',
};

/**
 * The product's store: an acknowledged commit survives kill -9 and power cut. 64 MB of shared buffers keep the idle
 * whole under 500 MB; the operating system's cache does the rest.
 */
export const durableParameters: ServerParameters = {
  ...privateCluster,
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '64MB',
  effective_cache_size: '512MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  random_page_cost: '1.1',
  // The accept path groups its commits itself, so no commit waits for others; checkpoints are rare and spread out,
  // because each makes the next commits write whole pages.
  commit_delay: '0',
  wal_buffers: '8MB',
  max_wal_size: '1GB',
  min_wal_size: '128MB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  // `replica`, not `minimal`: an online backup needs it.
  wal_level: 'replica',
  max_wal_senders: '2',
  // The reading workers of version 18 are three idle processes; our reads are few and cached.
  io_method: 'sync',
};

/** Throw-away clusters of tests: nothing survives a crash, nothing has to. Valid from PostgreSQL 15 on. */
export const volatileParameters: ServerParameters = {
  ...privateCluster,
  max_connections: '100',
  // Files of the cluster instead of /dev/shm, which would keep what a killed run leaves.
  dynamic_shared_memory_type: 'mmap',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  shared_buffers: '64MB',
  checkpoint_timeout: '1h',
  max_wal_size: '2GB',
};
