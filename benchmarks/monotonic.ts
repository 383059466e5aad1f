/** CLOCK_MONOTONIC in ms. It is one clock for all processes of a machine, so their times can be subtracted. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
