import { describe, expect, it } from 'vitest';
import { chooseRoute, type RouteCandidate } from './model.ts';

const carrier = (carrierId: string, change: Partial<RouteCandidate> = {}): RouteCandidate => ({
  carrierId,
  sandbox: false,
  ready: true,
  backlog: 0,
  ...change,
});
const sandbox = carrier('9', { sandbox: true });

describe('route', () => {
  it('keeps a sandbox tenant in the sandbox, always', () => {
    expect(chooseRoute([carrier('1'), sandbox], true)).toEqual({ carrierId: '9', reason: 'sandbox_tenant' });
    expect(chooseRoute([carrier('1')], true)).toEqual({ carrierId: null, reason: 'no_carrier' });
  });

  it('takes the ready carrier with the shortest queue, and never the sandbox while a real one exists', () => {
    const choice = chooseRoute(
      [carrier('1', { backlog: 5 }), carrier('2', { backlog: 3 }), carrier('3', { ready: false }), sandbox],
      false,
    );
    expect(choice).toEqual({ carrierId: '2', reason: 'least_backlog' });
    expect(chooseRoute([carrier('1', { ready: false }), sandbox], false)).toEqual({
      carrierId: '1',
      reason: 'none_ready',
    });
  });

  it('uses the sandbox for all where nothing else is configured', () => {
    expect(chooseRoute([sandbox], false)).toEqual({ carrierId: '9', reason: 'only_sandbox_configured' });
    expect(chooseRoute([], false)).toEqual({ carrierId: null, reason: 'no_carrier' });
  });
});
